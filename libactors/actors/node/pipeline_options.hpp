#pragma once

#include "actors/core/bounded_queue.hpp"
#include "actors/core/supervision.hpp"

namespace actors {

/// How the children of a pipeline are supervised.
struct supervise_options {
  restart_rules restart;
  supervision_rules group;
};

/// What to watch besides the path.
struct watch_settings {
  bool recursive = true;
  bool initial = false; ///< tell a create, marked as initial, for all that is there at the start
  std::chrono::milliseconds poll_interval{1000}; ///< for what cannot be watched
};

} // namespace actors
