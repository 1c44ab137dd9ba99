#pragma once

#include "actors/protocol/log_line.hpp"

#include <cstdint>
#include <string>

namespace actors {

enum class log_format : std::uint8_t { text, json };

/// Writes lines of `level_min` and above to standard error, as logfmt or JSON, whole lines at a
/// time (of at most 4 KiB: the longest values of a longer one lose their ends). Never waits long
/// for a reader: lines that find no room are dropped, and counted in a line of their own. When it
/// goes to the journal, each line begins with its priority, and text bears no time.
log_function standard_error_log(log_level level_min, log_format format);

/// One line without its time: `info event=child_ready child=src/watcher`.
std::string to_text(const log_line& line);
std::string to_json(const log_line& line);

} // namespace actors
