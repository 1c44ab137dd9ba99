#pragma once

#include "actors/core/event.hpp"

#include <cstdint>
#include <string>

namespace actors {

/// How a record is written.
enum class line_format : std::uint8_t {
  json, ///< one NDJSON object; fields in the order docs/interface.md shows, without spaces
  text, ///< for people: the type, then the path; control characters escaped
  zero, ///< the path alone, ended by NUL, for xargs -0; markers are left out
};

/// Appends the record as one line, ending included. `seq` 0: not numbered.
void append_line(const event& what, std::uint64_t seq, line_format format, std::string& out);

} // namespace actors
