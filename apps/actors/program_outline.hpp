#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace actors::program {

/// An option or argument as completions and the manual need it.
struct option_outline {
  std::vector<std::string> names;   ///< "-r", "--recursive"; none: it is an argument by its place
  std::string place;                ///< such an argument's name, "PATH"
  std::string takes;                ///< "FILE", "json|text"; empty: a flag
  std::vector<std::string> choices; ///< the words, when `takes` lists them
  std::string help;
  bool is_required = false;
  bool is_repeatable = false;

  /// Whether a name of a file belongs there.
  bool takes_files() const;
};

/// A verb of the program, or the program itself.
struct command_outline {
  std::string name;
  std::string help;
  std::vector<option_outline> options;
  std::vector<command_outline> verbs;
};

/// What the command line takes, from the same description that reads it and prints --help: nobody
/// writes it twice. What is in a nameless group is hidden, and left out.
command_outline outline_of(const CLI::App& program);

} // namespace actors::program
