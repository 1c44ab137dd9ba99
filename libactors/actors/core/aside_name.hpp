#pragma once

#include "actors/core/mix64.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// The name something has for a moment while it makes way for something else, in the stream alone:
/// a replay of an exchange needs it. `seed` makes it one that nobody has, or can prepare for; it is
/// no longer than a name may be (NAME_MAX).
inline std::string aside_name(std::string_view name, std::uint64_t seed) {
  constexpr auto name_max = std::size_t{255};
  const auto ending = "." + std::to_string(mix64(seed)) + ".actors-swap";
  return std::string{name.substr(0, name_max - ending.size())} + ending;
}

} // namespace actors
