#pragma once

#include "actors/os/directory.hpp"

#include <string_view>

namespace actors {

/// The name of a file system type that tells this machine's kernel nothing of changes made
/// elsewhere ("nfs"), or nothing at all ("proc"); empty when it tells them.
std::string_view silent_file_system(const directory& where);

} // namespace actors
