#pragma once

#include "actors/core/change_kinds.hpp"
#include "actors/core/debounce_window.hpp"
#include "actors/core/emitter_options.hpp"
#include "actors/core/mailbox_limits.hpp"
#include "actors/core/supervise_options.hpp"
#include "actors/core/watch_options.hpp"

#include <string>
#include <vector>

namespace actors {

/// A pipeline as a configuration describes it.
struct pipeline_config {
  std::string name;
  std::vector<std::string> paths; ///< the roots
  watch_options watch;            ///< of each of them; its `path` is not used
  debounce_limits debounce;
  change_kinds only = change_kinds::all();
  std::vector<emitter_options> emit;
  mailbox_limits mailbox; ///< of every child that has none of its own
  supervise_options supervise;

  friend bool operator==(const pipeline_config&, const pipeline_config&) = default;
};

} // namespace actors
