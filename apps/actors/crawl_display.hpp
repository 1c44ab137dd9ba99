#pragma once

#include "actors/core/crawl_progress.hpp"
#include "actors/os/wake_event.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

namespace actors::program {

/// Shows on a terminal (standard error) how far the first reading of the tree is, once it takes
/// longer than a second, and takes the line away in the end.
class crawl_display {
public:
  /// `progress` is shared with the watchers, who count.
  explicit crawl_display(std::shared_ptr<crawl_progress> progress);
  ~crawl_display();

private:
  void run();

  std::shared_ptr<crawl_progress> progress_;
  wake_event stop_;
  std::thread thread_;
};

} // namespace actors::program
