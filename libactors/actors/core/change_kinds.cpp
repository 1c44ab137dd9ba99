#include "actors/core/change_kinds.hpp"

#include <algorithm>
#include <optional>

namespace actors {

namespace {

std::optional<event_type> change_named(std::string_view name) {
  const auto* found = std::find_if(change_types.begin(), change_types.end(),
    [&](event_type change) { return name_of(change) == name; });
  return found == change_types.end() ? std::nullopt : std::optional{*found};
}

std::string complaint_about(std::string_view word) {
  auto text = word.empty() ? std::string{"a kind of change is missing"}
                           : "unknown kind of change '" + std::string{word} + "'";
  text += "; known are";
  for (const auto change : change_types)
    text += (change == change_types.front() ? " " : ", ") + std::string{name_of(change)};
  return text;
}

} // namespace

std::variant<change_kinds, std::string> change_kinds::parse(std::string_view list) {
  auto kinds = change_kinds{};
  for (auto rest = std::optional{list}; rest;) {
    const auto comma = rest->find(',');
    const auto word = rest->substr(0, comma);
    const auto change = change_named(word);
    if (!change)
      return complaint_about(word);
    kinds.add(*change);
    rest = comma == std::string_view::npos ? std::nullopt : std::optional{rest->substr(comma + 1)};
  }
  return kinds;
}

} // namespace actors
