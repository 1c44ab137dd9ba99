#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace actors {

/// The decimal number that all of the text is; nothing when it is none, or does not fit. A '-' is
/// taken where the type has negative numbers; a '+' and blanks are not.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  auto number = Number{};
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  return problem == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

} // namespace actors
