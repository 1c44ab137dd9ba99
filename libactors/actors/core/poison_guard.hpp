#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

namespace actors {

/// Decides how a batch that was in work at a crash is given again: once more whole; if that crashes
/// too, event by event, leaving out each event that crashes alone. So one bad event costs itself
/// and three restarts, never its neighbours.
class poison_guard {
public:
  /// The batch `id` was in work at a crash; `index` is the event, when it was given event by event.
  /// Returns true when that event is now known to be poison, and will be left out.
  bool on_crash(std::uint64_t id, std::optional<std::size_t> index) {
    if (id != suspect_) {
      suspect_ = id;
      crashes_ = 0;
      poison_.clear();
    }
    ++crashes_;
    return index && poison_.insert(*index).second;
  }

  /// True when batch `id` must be given one event at a time.
  bool splits(std::uint64_t id) const { return id == suspect_ && crashes_ >= 2; }

  /// True when event `index` of the split batch `id` must not be given.
  bool leaves_out(std::uint64_t id, std::size_t index) const {
    return id == suspect_ && poison_.count(index) != 0;
  }

private:
  std::uint64_t suspect_ = 0; ///< 0: none; batch ids begin at 1
  std::uint32_t crashes_ = 0;
  std::set<std::size_t> poison_; ///< bounded by the size of one batch
};

} // namespace actors
