#pragma once

#include "actors/core/command_sink_options.hpp"
#include "actors/sinks/gathered_changes.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace actors {

/// What a command is given for some changes.
struct command_call {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::size_t paths_left_out = 0; ///< for which there was no room among the arguments
};

/// `inherited` is our environment. Arguments and environment together have at most `bytes_max`: of
/// the paths as many are given as fit.
command_call call_for(const gathered_changes& changes, const command_sink_options& options,
  const std::string& pipeline, std::vector<std::string> inherited, std::size_t bytes_max);

} // namespace actors
