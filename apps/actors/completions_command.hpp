#pragma once

#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace actors::program {

/// `actors completions bash|zsh|fish`: writes what the shell is to read, for every verb and option
/// of `program`. Returns the exit code.
int completions(const CLI::App& program, const std::string& shell, std::ostream& out);

} // namespace actors::program
