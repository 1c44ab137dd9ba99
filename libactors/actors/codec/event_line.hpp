#pragma once

#include "actors/core/event.hpp"
#include "actors/core/line_format.hpp"

#include <cstdint>
#include <string>

namespace actors {

/// Appends the record as one line, ending included. `seq` 0: not numbered.
void append_line(const event& what, std::uint64_t seq, line_format format, std::string& out);

} // namespace actors
