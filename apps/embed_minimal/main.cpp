// Watches a directory from inside a host application for a few seconds.
//
//   embed_minimal DIRECTORY [SECONDS]
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <actors/actors.hpp>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: embed_minimal DIRECTORY [SECONDS]\n";
    return 64;
  }
  const auto seconds = std::chrono::seconds{argc > 2 ? std::atoi(argv[2]) : 3};

  auto node = actors::node{};
  auto pipeline =
    node.pipeline("sources")
      .watch(argv[1])
      .debounce({.quiet = 100ms, .hold_max = 1s})
      .emit("to-ui",
        [](const actors::event_batch& batch) {
          for (const auto& event : batch) // your code; throwing is a crash, supervised
            std::cout << actors::name_of(event.type) << ' ' << event.path << std::endl;
        })
      .start();
  if (!pipeline) {
    std::cerr << pipeline.error().text << '\n'; // all mistakes at once
    return 78;
  }

  std::this_thread::sleep_for(seconds); // the host's own work
  std::cout << node.health();           // a snapshot; asks nobody
  const auto report = node.stop(5s);    // sources first, drain, then the rest
  std::cout << report.text << '\n';
  return report.clean ? 0 : 1;
}
