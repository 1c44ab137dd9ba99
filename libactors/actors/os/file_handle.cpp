#include "actors/os/file_handle.hpp"

#include <algorithm>
#include <cstring>

namespace actors {

namespace {

/// splitmix64 (Steele, Lea, Flood 2014): spreads every input bit over the word, and never sends two
/// words to the same one.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
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
