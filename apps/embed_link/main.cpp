// Sends what a host application has to tell to a collector, each record once.
//
//   embed_link NODE ADDRESS <LINES
#include <chrono>
#include <iostream>
#include <string>

#include <actors/actors.hpp>
#include <actors/core/batch_builder.hpp>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: embed_link NODE ADDRESS <LINES\n";
    return 64;
  }
  auto node = actors::node{{.name = argv[1]}};
  auto to = actors::link_options{};
  to.addresses = {argv[2]};
  to.wire = actors::wire_policy::insecure_loopback; // across machines: to.tls
  auto uplink = node.link("uplink", to);
  if (!uplink) {
    std::cerr << uplink.error().text << '\n';
    return 78;
  }
  for (auto line = std::string{}; std::getline(std::cin, line);) { // the host's own work
    auto batch = actors::batch_builder{};
    batch.add({.type = actors::event_type::modify, .path = line});
    if (auto sent = uplink->push("feed", batch.finish()); !sent)
      std::cerr << sent.error().text << '\n'; // no room: the collector is away for long
  }
  const auto report = node.stop(10s); // waits until all of it is acknowledged
  std::cout << report.text << '\n';
  return report.clean && report.undelivered == 0 ? 0 : 1;
}
