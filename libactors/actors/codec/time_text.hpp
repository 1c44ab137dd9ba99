#pragma once

#include "actors/core/event.hpp"

#include <string>

namespace actors {

/// Appends UTC with microseconds: 2026-11-22T15:31:48.123456Z
void append_utc(wall_time time, std::string& out);

inline std::string utc_text(wall_time time) {
  auto text = std::string{};
  append_utc(time, text);
  return text;
}

} // namespace actors
