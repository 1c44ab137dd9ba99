#pragma once

#include <cstdint>

namespace actors {

/// The finalizer of splitmix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit,
/// and no two words become the same one.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
  return x ^ x >> 31;
}

/// What splitmix64 adds before each step, so that 0 does not stay 0: 2^64 by the golden ratio.
constexpr auto mix64_gamma = std::uint64_t{0x9E3779B97F4A7C15};

} // namespace actors
