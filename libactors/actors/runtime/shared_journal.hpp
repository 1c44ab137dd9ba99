#pragma once

#include "actors/core/journal.hpp"
#include "actors/core/time_point.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace actors {

/// A journal for any number of readers, who may wait for what comes. Nobody who reads holds up who
/// writes. Thread-safe.
template <class T>
class shared_journal {
public:
  /// Keeps the last `entries_max`.
  explicit shared_journal(std::size_t entries_max) : journal_{entries_max} {}

  void add(T what) {
    {
      const auto held = std::scoped_lock{mutex_};
      journal_.add(std::move(what));
    }
    news_.notify_all();
  }

  /// What came after number `after`; waits until `due` for something to come.
  typename journal<T>::page read(std::uint64_t after, std::size_t max, time_point due) const {
    auto held = std::unique_lock{mutex_};
    news_.wait_until(held, due, [&] { return journal_.last() > after; });
    return journal_.read(after, max);
  }

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable news_;
  journal<T> journal_;
};

} // namespace actors
