#pragma once

#include "actors/core/collect_options.hpp"
#include "actors/core/emitter_options.hpp"

#include <string_view>
#include <vector>

namespace actors {

/// A collector as a configuration describes it: what it takes in, and where that goes besides the
/// store.
struct collect_config {
  collect_options options;           ///< where it listens, who may link, where it stores
  std::vector<emitter_options> emit; ///< what is fed from the store; may be empty

  /// What its pipeline is called, and so no other may be.
  static constexpr auto name = std::string_view{"collector"};

  friend bool operator==(const collect_config&, const collect_config&) = default;
};

} // namespace actors
