#pragma once

#include "actors/core/journal.hpp"
#include "actors/core/transition.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace actors {

/// What happened lately in a node, for any number of readers. It is bounded, and nobody who reads
/// holds up who writes: a reader that is too slow is told how much it missed. Thread-safe.
class event_bus {
public:
  /// A restart writes four lines or so: the last 250 restarts.
  static constexpr std::size_t kept = 1024;

  void add(transition what) {
    {
      const auto held = std::scoped_lock{mutex_};
      journal_.add(std::move(what));
    }
    news_.notify_all();
  }

  /// What came after number `after`; waits until `due` for something to come.
  journal<transition>::page read(
    std::uint64_t after, std::size_t max, std::chrono::steady_clock::time_point due) const {
    auto held = std::unique_lock{mutex_};
    news_.wait_until(held, due, [&] { return journal_.last() > after; });
    return journal_.read(after, max);
  }

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable news_;
  journal<transition> journal_{kept};
};

} // namespace actors
