#pragma once

#include "actors/core/event.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace actors {

/// Every type that is a change, as they are told to people.
constexpr auto change_types = std::array{event_type::create, event_type::modify, event_type::remove,
  event_type::rename, event_type::attrib};

/// Which changes are wanted: a set of create, modify, remove, rename and attrib.
class change_kinds {
public:
  /// None of them.
  constexpr change_kinds() = default;

  /// The five of them.
  static constexpr change_kinds all() {
    auto every = change_kinds{};
    for (const auto change : change_types)
      every.add(change);
    return every;
  }

  /// Reads "create,delete": names as in the stream, in any order, one twice or not. The alternative
  /// is what is wrong with the list, for whoever wrote it.
  static std::variant<change_kinds, std::string> parse(std::string_view list);

  /// Requires a change.
  constexpr void add(event_type change) { bits_ |= bit(change); }

  /// False for a marker, which is in no set.
  constexpr bool holds(event_type type) const {
    return is_change(type) && (bits_ & bit(type)) != 0;
  }

  constexpr bool empty() const { return bits_ == 0; } ///< no kind at all

  friend constexpr bool operator==(change_kinds, change_kinds) = default;

private:
  static constexpr std::uint8_t bit(event_type change) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(change));
  }

  std::uint8_t bits_ = 0;
};

} // namespace actors
