#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace actors::test {

/// Ends the program when a promise is not kept, so that a fuzzer keeps the input. Unlike `assert`,
/// in every build.
inline void promise(bool is_kept, const char* what) {
  if (is_kept)
    return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

/// The bytes given to a parser, of which views may be given back.
struct given_bytes {
  const void* bytes;
  std::size_t size;

  bool hold(const void* from, std::size_t length) const {
    const auto* first = static_cast<const char*>(bytes);
    const auto* at = static_cast<const char*>(from);
    return length == 0
           || (at >= first && at <= first + size
               && length <= static_cast<std::size_t>(first + size - at));
  }
};

} // namespace actors::test
