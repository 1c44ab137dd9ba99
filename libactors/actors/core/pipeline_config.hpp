#pragma once

#include "actors/core/change_kinds.hpp"
#include "actors/core/debounce_limits.hpp"
#include "actors/core/emitter_options.hpp"
#include "actors/core/mailbox_limits.hpp"
#include "actors/core/supervise_options.hpp"
#include "actors/core/watch_options.hpp"

#include <string>
#include <vector>

namespace actors {

/// A pipeline as a configuration describes it.
struct pipeline_config {
  std::string name;                        ///< of its own in the node
  std::vector<std::string> paths;          ///< the roots
  watch_options watch;                     ///< of each of them; its `path` is not used
  debounce_limits debounce;                ///< `quiet` 0: no debouncer
  change_kinds only = change_kinds::all(); ///< what passes behind the debouncer
  std::vector<emitter_options> emit;       ///< each gets every batch
  mailbox_limits mailbox;                  ///< of every child that has none of its own
  supervise_options supervise;             ///< restarts, deadlines

  friend bool operator==(const pipeline_config&, const pipeline_config&) = default;
};

} // namespace actors
