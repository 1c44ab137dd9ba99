#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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
    if (suspects_.size() >= suspects_max && suspects_.count(id) == 0)
      suspects_.erase(suspects_.begin()); // the oldest has most likely been released
    auto& x = suspects_[id];
    ++x.crashes;
    return index && x.poison.insert(*index).second;
  }

  /// True when batch `id` was in work at a crash.
  bool is_suspect(std::uint64_t id) const { return suspects_.count(id) != 0; }

  /// True when batch `id` must be given one event at a time.
  bool splits(std::uint64_t id) const {
    auto found = suspects_.find(id);
    return found != suspects_.end() && found->second.crashes >= 2;
  }

  /// True when event `index` of the split batch `id` must not be given.
  bool leaves_out(std::uint64_t id, std::size_t index) const {
    auto found = suspects_.find(id);
    return found != suspects_.end() && found->second.poison.count(index) != 0;
  }

  /// Only a stage that holds many unreleased batches, each with an event of its own that crashes
  /// it, comes near this; it is then given the oldest of them whole again.
  static constexpr std::size_t suspects_max = 64;

private:
  struct suspect {
    std::uint32_t crashes = 0;
    std::set<std::size_t> poison; ///< bounded by the size of one batch
  };
  std::map<std::uint64_t, suspect> suspects_; ///< by batch
};

} // namespace actors
