#pragma once

#include "actors/core/command_sink_options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace actors::program {

/// What stands behind "--" on the command line of `actors watch`.
struct command_line {
  std::vector<std::string> words;                  ///< up to "--", in order
  std::optional<std::vector<std::string>> command; ///< behind it, when it is there
};

command_line split(int argc, char** argv);

/// The options that say how the command is run.
void add_command_options(CLI::App& watch, command_sink_options& options);

/// Takes what stands behind "--"; throws CLI::ValidationError when it does not make sense.
void take_command(
  const CLI::App& program, std::vector<std::string> command, command_sink_options& options);

} // namespace actors::program
