#pragma once

#include <string_view>

namespace actors {

/// What pipelines, children and workers may be called: it stands in ids, logs and metrics.
inline bool is_name(std::string_view text) {
  constexpr auto letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !text.empty() && text.size() <= 64
         && text.find_first_not_of(letters) == std::string_view::npos;
}

constexpr auto name_rule = "a name has 1 to 64 letters, digits, '-' or '_'";

} // namespace actors
