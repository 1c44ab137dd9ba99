// Collects what links of other nodes send, into a store and into a host application.
//
//   embed_collect ADDRESS STORE [SECONDS]
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <actors/actors.hpp>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: embed_collect ADDRESS STORE [SECONDS]\n";
    return 64;
  }
  const auto seconds = std::chrono::seconds{argc > 3 ? std::atoi(argv[3]) : 10};

  auto node = actors::node{{.name = "center"}};
  auto options = actors::collect_options{};
  options.listen = argv[1];
  options.store = argv[2];
  options.wire = actors::wire_policy::insecure_loopback; // across machines: options.tls and allow
  auto collector =
    node.pipeline("collector")
      .collect(options)
      .emit("to-ui",
        [](const actors::event_batch& batch) {
          auto seq = batch.first_seq();
          for (const auto& event : batch) // your code; throwing is a crash, supervised
            std::cout << batch.origin()->node << ' ' << seq++ << ' ' << actors::name_of(event.type)
                      << ' ' << event.path << std::endl;
        })
      .start();
  if (!collector) {
    std::cerr << collector.error().text << '\n'; // all mistakes at once
    return 78;
  }
  std::cout << "listening on " << node.health().collectors.front().address << std::endl;

  std::this_thread::sleep_for(seconds); // the host's own work
  const auto report = node.stop(5s);
  std::cout << report.text << '\n';
  return report.clean ? 0 : 1;
}
