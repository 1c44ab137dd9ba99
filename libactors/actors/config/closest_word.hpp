#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace actors {

/// The word that was probably meant: at most two letters (of short words one) are wrong, missing,
/// too many or exchanged. Nothing when none is so near. For "did you mean".
std::optional<std::string_view> closest_word(
  std::string_view written, const std::vector<std::string_view>& words);

} // namespace actors
