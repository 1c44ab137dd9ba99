#pragma once

#include "actors/core/dead_letter.hpp"
#include "actors/core/event.hpp"
#include "actors/core/latency_histogram.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace actors {

/// Records by type.
using type_counts = std::array<std::uint64_t, event_types>;

/// What has passed one child so far: into its mailbox; out of it, for a source.
struct edge_counts {
  type_counts events{};                     ///< records, by type
  std::array<std::uint64_t, losses> lost{}; ///< batches, by reason
  std::optional<latency_counts> latency{};  ///< of a sink

  /// Records of every type.
  std::uint64_t events_total() const {
    auto all = std::uint64_t{0};
    for (const auto each : events)
      all += each;
    return all;
  }
};

} // namespace actors
