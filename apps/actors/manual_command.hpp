#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace actors::program {

/// `actors manual`: writes the manual page, as man(7) source, for every verb and option of
/// `program`. Returns the exit code.
int manual(const CLI::App& program, std::ostream& out);

} // namespace actors::program
