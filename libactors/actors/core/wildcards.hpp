#pragma once

#include <cstddef>
#include <string_view>

namespace actors {

/// True when `pattern` matches all of `text`, as git's wildmatch() does with WM_PATHNAME: `*`, `?`
/// and
/// `[...]` stay within one name, `**` as a whole name crosses them, a backslash takes away a
/// meaning. Bytes, not characters. (gitignore(5); git's wildmatch.c for what that leaves open.)
///
/// Neither recurses nor allocates. The time is bounded by the product of the lengths, whatever the
/// pattern: a later star makes the choices of the earlier ones in its name final, and a later `**`
/// all choices before it.
bool wildcards_match(std::string_view pattern, std::string_view text) noexcept;

/// False for what git never matches: a `[` without its end, a class nobody knows, a lone backslash
/// at the end.
bool wildcards_are_whole(std::string_view pattern) noexcept;

/// Where the first byte with a meaning of its own is; the length when there is none.
std::size_t literal_length(std::string_view pattern) noexcept;

} // namespace actors
