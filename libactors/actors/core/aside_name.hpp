#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// The name something has for a moment while it makes way for something else, in the stream alone:
/// a replay of an exchange needs it. `seed` makes it one that nobody has, or can prepare for; it is
/// no longer than a name may be (NAME_MAX).
inline std::string aside_name(std::string_view name, std::uint64_t seed) {
  constexpr auto name_max = std::size_t{255};
  seed = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9ULL; // splitmix64
  seed = (seed ^ seed >> 27) * 0x94D049BB133111EBULL;
  const auto ending = "." + std::to_string(seed ^ seed >> 31) + ".actors-swap";
  return std::string{name.substr(0, name_max - ending.size())} + ending;
}

} // namespace actors
