#include "crawl_display.hpp"

#include "actors/os/poll.hpp"

#include <chrono>
#include <cstdio>

namespace actors::program {

using namespace std::chrono_literals;

namespace {

/// Who waits less sees the tree come up; `interface.md` promises it after a second.
constexpr auto patience = 1s;

/// As often as a person can read.
constexpr auto refresh = 200ms;

} // namespace

crawl_display::crawl_display(std::shared_ptr<crawl_progress> progress)
  : progress_{std::move(progress)}, thread_{[this] { run(); }} {}

crawl_display::~crawl_display() {
  stop_.raise();
  thread_.join();
}

void crawl_display::run() {
  auto is_shown = false;
  auto next = std::chrono::milliseconds{patience};
  while (progress_->roots_to_read > 0 && !wait_readable({stop_.descriptor()}, next)) {
    if (progress_->roots_to_read > 0)
      std::fprintf(stderr, "\ractors: reading the tree: %llu directories, %llu entries\x1b[K",
        static_cast<unsigned long long>(progress_->directories),
        static_cast<unsigned long long>(progress_->entries));
    is_shown = true;
    next = refresh;
  }
  if (is_shown)
    std::fprintf(stderr, "\r\x1b[K");
}

} // namespace actors::program
