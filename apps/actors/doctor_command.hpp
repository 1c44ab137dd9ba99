#pragma once

#include <string>

namespace actors::program {

/// `actors doctor [PATH]`: what this machine allows a watcher of PATH, by trying. Returns the exit
/// code: 0 when something better than polling works.
int doctor(const std::string& path);

} // namespace actors::program
