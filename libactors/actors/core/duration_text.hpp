#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// Reads "250ms", "2s", "1m", "2h" or "0". Whole, non-negative numbers; nothing for anything else,
/// overflow included.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Writes the same: the largest unit that loses nothing.
std::string to_text(std::chrono::milliseconds span);

} // namespace actors
