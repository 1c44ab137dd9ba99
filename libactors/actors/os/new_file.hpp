#pragma once

#include "actors/protocol/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// Whom a file is for. Nobody else may read it at any moment.
enum class readers : std::uint8_t { owner, all };

/// Makes a file that is there whole, on the disk, or not at all. One that is there already is left
/// as it is: unavailable.
result<void> write_new_file(const std::string& path, std::string_view content, readers whom);

/// Makes a directory that only its owner may enter, if it is not there. Errors begin with the path.
result<void> make_private_directory(const std::string& path);

} // namespace actors
