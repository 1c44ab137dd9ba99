#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace actors {

// Words of another machine, which end up on a terminal and in logs.

/// UTF-8 without control characters (C0, DEL, C1: terminals and logs act on them).
bool is_showable(std::string_view text);

/// The same text where it is showable, '?' where not; cut to size between two characters.
std::string shown_text(std::string_view text, std::size_t size_max);

} // namespace actors
