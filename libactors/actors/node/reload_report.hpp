#pragma once

#include "actors/node/pipeline.hpp"
#include "actors/protocol/error.hpp"

#include <string>
#include <vector>

namespace actors {

/// What came of a new configuration.
struct reload_report {
  std::vector<std::string> done;   ///< a line each; empty: nothing had changed
  std::vector<error> failed;       ///< a text each; what failed is as it was before, or has ended
  std::vector<pipeline> started;   ///< by this
  std::vector<pipeline> pipelines; ///< all that are of the configuration now
};

} // namespace actors
