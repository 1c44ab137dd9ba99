#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace actors {

/// The last so many entries of something that goes on for ever, each with a number that never comes
/// twice. A reader remembers the last number it saw; who is too slow learns how much it missed, and
/// holds nobody up. Not thread-safe.
template <class T>
class journal {
public:
  /// One that was kept.
  struct entry {
    std::uint64_t id; ///< 1, 2, 3, ...
    T what;           ///< what was added
  };

  /// What a reader gets at once.
  struct page {
    std::vector<entry> entries; ///< oldest first
    std::uint64_t missed = 0;   ///< entries after the one asked for that are no longer kept
  };

  /// Keeps the last `entries_max`.
  explicit journal(std::size_t entries_max) : entries_max_{entries_max} {}

  /// Returns the number it got.
  std::uint64_t add(T what) {
    entries_.push_back({++last_, std::move(what)});
    if (entries_.size() > entries_max_)
      entries_.pop_front();
    return last_;
  }

  /// The entries after number `after`, oldest first, at most `max`.
  page read(std::uint64_t after, std::size_t max) const {
    auto result = page{};
    const auto gone = last_ - entries_.size(); // the number of the last one that is no longer kept
    if (after < gone)
      result.missed = gone - after;
    const auto skipped = after < gone ? 0 : static_cast<std::size_t>(after - gone);
    for (auto i = skipped; i < entries_.size() && result.entries.size() < max; ++i)
      result.entries.push_back(entries_[i]);
    return result;
  }

  /// The number that was given last; 0: none was.
  std::uint64_t last() const { return last_; }

private:
  std::size_t entries_max_;
  std::deque<entry> entries_;
  std::uint64_t last_ = 0;
};

} // namespace actors
