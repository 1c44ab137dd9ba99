#include "actors/os/file_handle.hpp"

#include "actors/core/mix64.hpp"

#include <algorithm>
#include <cstring>

namespace actors {

namespace {

constexpr std::uint64_t mix(std::uint64_t x) {
  return mix64(x + mix64_gamma);
}

} // namespace

file_identity identity_of_handle(
  const unsigned char* bytes, std::size_t size, int type, std::uint64_t device) {
  auto digest = mix(device ^ (static_cast<std::uint64_t>(type) << 56));
  for (std::size_t at = 0; at < size; at += 8) {
    auto word = std::uint64_t{0};
    std::memcpy(&word, bytes + at, std::min<std::size_t>(8, size - at));
    digest = mix(digest ^ word);
  }
  return {digest != 0 ? digest : 1}; // 0 is nobody's
}

} // namespace actors
