#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace actors {

/// How many bytes at the start of `text` are one well-formed UTF-8 character; 0 when none are.
/// Overlong forms, surrogates and values past U+10FFFF are not well-formed (RFC 3629).
std::size_t utf8_length(std::string_view text) noexcept;

/// Whether the well-formed character that `text` begins with is a control character (C0, DEL or
/// C1): terminals and logs act on those.
bool is_control(std::string_view text) noexcept;

/// Text that anybody may have chosen, for a terminal or a message: control characters and what is
/// no UTF-8 are written as \\xHH, byte by byte.
std::string visible_text(std::string_view text);

} // namespace actors
