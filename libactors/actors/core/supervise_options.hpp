#pragma once

#include "actors/core/supervision_rules.hpp"

#include <chrono>

namespace actors {

/// How the children of a pipeline are supervised.
struct supervise_options {
  restart_rules restart;   ///< of each child
  supervision_rules group; ///< of all of them together

  /// A handler that shows no progress for so long hangs: its child is replaced. Raise it for sinks
  /// that call slow functions of yours.
  std::chrono::milliseconds hang_after{30'000};

  friend bool operator==(const supervise_options&, const supervise_options&) = default;
};

} // namespace actors
