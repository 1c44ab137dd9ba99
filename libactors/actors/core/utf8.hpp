#pragma once

#include <cstddef>
#include <string_view>

namespace actors {

/// How many bytes at the start of `text` are one well-formed UTF-8 character; 0 when none are.
/// Overlong forms, surrogates and values past U+10FFFF are not well-formed (RFC 3629).
std::size_t utf8_length(std::string_view text) noexcept;

} // namespace actors
