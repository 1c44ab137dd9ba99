#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace actors {

/// What a set of bytes in a pattern, `[a-z]`, says of one byte.
struct byte_set_answer {
  std::size_t end; ///< just behind the `]`
  bool holds;
};

/// Asks the set whose `[` is at `at`, as git reads it: `!` or `^` turns it around, a `]` that comes
/// first is one of its bytes, `[:alpha:]` names a class of ASCII (other bytes are in none), a
/// backslash takes away a meaning. Nothing when the set has no end, or names a class nobody knows.
std::optional<byte_set_answer> ask_byte_set(
  std::string_view pattern, std::size_t at, char byte) noexcept;

} // namespace actors
