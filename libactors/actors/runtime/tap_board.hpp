#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/core/sighting.hpp"
#include "actors/runtime/shared_journal.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// What one looker-on sees: the last few batches.
class edge_tap : public shared_journal<sighting> {
public:
  /// Batches are shared with the mailboxes; so many may outlive their delivery.
  static constexpr std::size_t kept = 256;

  /// `edges` is a pattern for full ids, as in .gitignore: "src/*" is every edge of the pipeline.
  explicit edge_tap(std::string edges) : shared_journal{kept}, edges_{std::move(edges)} {}

  bool looks_at(std::string_view edge) const;

private:
  const std::string edges_;
};

/// The taps of a node. An edge that nobody looks at pays for one load. Thread-safe.
class tap_board {
public:
  /// A tap costs the edge a pattern match a batch, and memory.
  static constexpr std::size_t taps_max = 16;

  /// Open until the last copy is gone. nullptr: there are `taps_max` already.
  std::shared_ptr<edge_tap> open(std::string edges);

  bool is_watched() const { return open_.load(std::memory_order_relaxed) != 0; }
  void show(const std::string& edge, const event_batch& batch);

private:
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<edge_tap>> taps_; ///< of the readers
  std::atomic<std::size_t> open_{0};
};

} // namespace actors
