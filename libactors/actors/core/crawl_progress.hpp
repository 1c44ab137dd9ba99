#pragma once

#include <atomic>
#include <cstdint>

namespace actors {

/// How far the first reading of the trees is, counted by watchers for whoever shows it. Any thread
/// may look.
struct crawl_progress {
  std::atomic<std::uint64_t> directories{0}; ///< read
  std::atomic<std::uint64_t> entries{0};     ///< looked at
  std::atomic<int> roots_to_read{0};         ///< that are not ready yet
};

} // namespace actors
