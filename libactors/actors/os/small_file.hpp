#pragma once

#include "actors/os/directory.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// The content of a regular file of at most `bytes_max`; nothing when it is none, is larger, or may
/// not be read. Never waits, whatever the name belongs to.
std::optional<std::string> read_small_file(const std::string& path, std::size_t bytes_max);

/// The same of a name in a directory; a link is not followed.
std::optional<std::string> read_small_file(
  const directory& where, std::string_view name, std::size_t bytes_max);

} // namespace actors
