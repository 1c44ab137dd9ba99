#pragma once

#include <cstdint>

namespace actors {

/// How a record is written.
enum class line_format : std::uint8_t {
  json, ///< one NDJSON object; fields in the order docs/interface.md shows, without spaces
  text, ///< for people: the type, then the path; control characters escaped
  zero, ///< the path alone, ended by NUL, for xargs -0; markers are left out
};

} // namespace actors
