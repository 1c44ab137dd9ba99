// A host with a poll loop: the pipeline is one more descriptor in it, and all of the host's code
// runs on the loop's thread.
//
//   embed_event_loop DIRECTORY
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <actors/actors.hpp>

using namespace std::chrono_literals;

/// A clock of the host, to have another descriptor in the loop: it gives up after ten seconds.
int start_clock(std::chrono::seconds patience) {
  const auto clock = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const auto once = itimerspec{{0, 0}, {patience.count(), 0}};
  ::timerfd_settime(clock, 0, &once, nullptr);
  return clock;
}

int main(int argc, char** argv) {
  if (argc != 2)
    return 64;
  const auto file = std::filesystem::path{argv[1]} / "letter.txt";

  auto inbox = actors::batch_inbox{}; // before the node, which fills it
  auto node = actors::node{};
  auto pipeline = node.pipeline("letters")
                    .watch(argv[1])
                    .debounce({.quiet = 20ms, .hold_max = 1s})
                    .emit("to-loop", inbox)
                    .start();
  if (!pipeline) {
    std::cerr << pipeline.error().text << '\n';
    return 78;
  }

  const auto handle = [&](const actors::event& what) {
    std::cout << actors::name_of(what.type) << '\n';
    switch (what.type) {
      case actors::event_type::ready: std::ofstream{file} << "Dear reader"; break;
      case actors::event_type::create: std::filesystem::remove(file); break;
      case actors::event_type::remove: pipeline->request_stop(); break; // begins the end
      default: break;
    }
  };

  const auto clock = start_clock(10s);
  while (!inbox.is_done()) { // until the pipeline has ended, and all it said is taken
    auto readable = std::array{pollfd{inbox.descriptor(), POLLIN, 0}, pollfd{clock, POLLIN, 0}};
    ::poll(readable.data(), readable.size(), -1);
    if (readable[1].revents != 0)
      return 2;
    while (const auto batch = inbox.take())
      for (const auto& what : *batch)
        handle(what);
  }
  ::close(clock);
  std::cout << pipeline->why() << '\n';
  return pipeline->has_failed() ? 1 : 0;
}
