#pragma once

#include <string>
#include <string_view>

namespace actors {

/// How many bytes at the start of `text` are one well-formed UTF-8 character; 0 when none are.
/// Overlong forms, surrogates and values past U+10FFFF are not well-formed (RFC 3629).
std::size_t utf8_length(std::string_view text) noexcept;

/// RFC 4648, with padding.
void append_base64(std::string_view bytes, std::string& out);

} // namespace actors
