#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace actors {

/// Upper bounds of the buckets, the same for every histogram so that they can be added up. From
/// what a poll in user space takes to what somebody calls a stall; 1, 2.5, 5 as Prometheus has it.
/// A value above the last one is in the bucket without a bound.
constexpr auto latency_bounds = std::array<std::chrono::microseconds, 14>{
  std::chrono::microseconds{250}, std::chrono::microseconds{1'000},
  std::chrono::microseconds{2'500}, std::chrono::microseconds{5'000},
  std::chrono::microseconds{10'000}, std::chrono::microseconds{25'000},
  std::chrono::microseconds{50'000}, std::chrono::microseconds{100'000},
  std::chrono::microseconds{250'000}, std::chrono::microseconds{500'000},
  std::chrono::microseconds{1'000'000}, std::chrono::microseconds{2'500'000},
  std::chrono::microseconds{10'000'000}, std::chrono::microseconds{60'000'000}};

/// How many values there were in each bucket: a copy, at one moment.
struct latency_counts {
  std::array<std::uint64_t, latency_bounds.size() + 1>
    buckets{};                      ///< each for itself, not summed up
  std::chrono::microseconds sum{0}; ///< of all values

  /// How many values.
  std::uint64_t count() const {
    auto all = std::uint64_t{0};
    for (const auto each : buckets)
      all += each;
    return all;
  }

  /// So that `share` of the values (0.5: half) are at most this: the bound of the bucket, so a
  /// little too much. Above the last bound: that one. 0 when there are none.
  std::chrono::microseconds at_most(double share) const {
    const auto all = count();
    auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(all));
    wanted = std::clamp<std::uint64_t>(wanted, 1, std::max<std::uint64_t>(all, 1));
    auto seen = std::uint64_t{0};
    for (std::size_t i = 0; i < latency_bounds.size(); ++i)
      if (seen += buckets[i]; seen >= wanted)
        return latency_bounds[i];
    return all == 0 ? std::chrono::microseconds{0} : latency_bounds.back();
  }
};

/// Counts how long things took. One thread adds, any thread reads: a copy may lack what is being
/// added.
class latency_histogram {
public:
  void add(std::chrono::microseconds took, std::uint64_t times = 1) {
    took = std::max(took, std::chrono::microseconds{0}); // the wall clock was put back
    const auto at =
      std::lower_bound(latency_bounds.begin(), latency_bounds.end(), took) - latency_bounds.begin();
    buckets_[static_cast<std::size_t>(at)].fetch_add(times, std::memory_order_relaxed);
    sum_us_.fetch_add(static_cast<std::uint64_t>(took.count()) * times, std::memory_order_relaxed);
  }

  latency_counts counts() const {
    auto copy = latency_counts{};
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      copy.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
    copy.sum = std::chrono::microseconds{sum_us_.load(std::memory_order_relaxed)};
    return copy;
  }

private:
  std::array<std::atomic<std::uint64_t>, latency_bounds.size() + 1> buckets_{};
  std::atomic<std::uint64_t> sum_us_{0};
};

} // namespace actors
