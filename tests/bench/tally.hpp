#pragma once

#include "actors/core/batch_builder.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "memory.hpp"
#include <time.h>

namespace actors::bench {

/// Folds events into a sum that knows their order.
class checksum {
public:
  void add(const event_batch& batch) {
    for (const auto x : batch)
      value_ = value_ * 31 + x.size;
  }
  friend bool operator==(const checksum&, const checksum&) = default;

private:
  std::uint64_t value_ = 17;
};

/// What is to be sent: `messages` batches of `batch` events. Some thousand distinct batches are
/// made beforehand and sent over and over, so that messaging is timed and not allocation, and yet
/// no two threads meet at the reference count of the same batch.
struct load {
  load(std::size_t events, std::size_t count) : batch{events}, messages{count} {
    constexpr auto distinct = std::size_t{4096}; // more than are on the way in a bounded contestant
    auto number = std::uint64_t{0};
    for (std::size_t i = 0; i < std::min(distinct, messages); ++i) {
      auto builder = batch_builder{};
      for (std::size_t k = 0; k < batch; ++k)
        builder.add({.type = event_type::modify,
          .ftype = file_type::file,
          .path = "/home/ada/project/source/file.cpp",
          .size = ++number});
      pool_.push_back(builder.finish());
    }
    for (std::size_t i = 0; i < messages; ++i)
      expected.add(message(i));
  }

  const event_batch& message(std::size_t index) const { return pool_[index % pool_.size()]; }

  std::size_t batch;
  std::size_t messages;
  std::chrono::nanoseconds apart{0}; ///< a message is due so long after the one before; 0: at once
  std::chrono::nanoseconds labor{0}; ///< the receiver is busy with each for so long
  checksum expected;

private:
  std::vector<event_batch> pool_;
};

struct cost {
  double seconds;
  double cpu_seconds;       ///< of the whole process, all threads
  double memory_growth_mib; ///< the most that was resident, above what was at the start
  std::vector<double> ages; ///< seconds from when a message was due until it was received; sorted
};

/// What has arrived, how old, and what it cost; told by one thread at a time what it sends, fed by
/// one at a time, awaited by another.
class tally {
public:
  explicit tally(const load& what) : load_{what}, due_((what.messages - 1) / sampled + 1) {}

  /// Before the first message is sent.
  void start() {
    cpu_started_ = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    resident_at_start_ = forget_peak_of_memory();
    started_ = clock::now();
  }

  /// Waits until a message is due, without a nap: one is late by longer than messages take.
  void await_due(std::size_t index) {
    if (load_.apart == load_.apart.zero()) {
      if (index % sampled == 0)
        due_[index / sampled] = clock::now();
      return;
    }
    const auto due = started_ + index * load_.apart;
    while (clock::now() < due)
      ;
    if (index % sampled == 0)
      due_[index / sampled] = due;
  }

  void add(const event_batch& batch) {
    if (messages_ % sampled == 0)
      ages_.push_back(
        std::chrono::duration<double>(clock::now() - due_[messages_ / sampled]).count());
    seen_.add(batch);
    if (load_.labor != load_.labor.zero())
      for (const auto end = clock::now() + load_.labor; clock::now() < end;)
        ;
    if (++messages_ < load_.messages)
      return;
    auto lock = std::scoped_lock{mutex_};
    complete_ = true;
    arrived_.notify_all();
  }

  /// Throws when not all has come in time, or not as it was sent.
  cost await_all(std::chrono::seconds patience) {
    auto lock = std::unique_lock{mutex_};
    if (!arrived_.wait_for(lock, patience, [&] { return complete_; }))
      throw std::runtime_error{"messages were lost: not all arrived in time"};
    if (messages_ != load_.messages || seen_ != load_.expected)
      throw std::runtime_error{"messages were lost, doubled or swapped: the checksum is wrong"};
    auto ages = std::move(ages_);
    std::sort(ages.begin(), ages.end());
    return {std::chrono::duration<double>(clock::now() - started_).count(),
      seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_started_,
      peak_of_memory_mib() - resident_at_start_, std::move(ages)};
  }

private:
  using clock = std::chrono::steady_clock;

  /// The age of each so many-th message is taken: reading the clock for each would be timed too.
  static constexpr auto sampled = std::size_t{32};

  static double seconds_of(clockid_t which) {
    auto now = timespec{};
    ::clock_gettime(which, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }

  const load& load_;
  std::vector<clock::time_point> due_; ///< written before a message is sent, read when it has come
  std::vector<double> ages_;
  clock::time_point started_{};
  double cpu_started_ = 0;
  double resident_at_start_ = 0;
  checksum seen_;
  std::size_t messages_ = 0;
  std::mutex mutex_;
  std::condition_variable arrived_;
  bool complete_ = false;
};

/// Leaves to go on, given by one thread and taken by another.
class permits {
public:
  explicit permits(std::size_t count) : count_{count} {}

  void give(std::size_t more) {
    {
      auto lock = std::scoped_lock{mutex_};
      count_ += more;
    }
    given_.notify_one();
  }

  /// Waits until there are some and takes them all; throws when none come in time.
  std::size_t take_all(std::chrono::seconds patience) {
    auto lock = std::unique_lock{mutex_};
    if (!given_.wait_for(lock, patience, [&] { return count_ != 0; }))
      throw std::runtime_error{"the receiver makes no room"};
    return std::exchange(count_, 0);
  }

private:
  std::mutex mutex_;
  std::condition_variable given_;
  std::size_t count_;
};

} // namespace actors::bench
