#pragma once

#include "actors/core/journal.hpp"
#include "actors/core/sighting.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace actors {

class edge_tap;

/// A look at what flows into mailboxes, open until it is destroyed. It keeps the last 256 batches,
/// and slows nobody down: who reads too slowly learns how many were missed. Thread-safe.
class tap {
public:
  /// The batches after number `after` (0: from the first that is kept), at most `max`; waits for
  /// `within` for one.
  journal<sighting>::page read(
    std::uint64_t after, std::size_t max, std::chrono::milliseconds within) const;

private:
  friend class node;
  explicit tap(std::shared_ptr<edge_tap> at) : at_{std::move(at)} {}

  std::shared_ptr<edge_tap> at_; ///< shared with the edges while they show something
};

} // namespace actors
