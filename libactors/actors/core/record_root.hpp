#pragma once

#include "actors/core/event.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// A marker whose path is a root; other markers, as changes, are about a path in one.
constexpr bool is_about_root(event_type type) noexcept {
  return type == event_type::ready || type == event_type::overflow || type == event_type::recovered
         || type == event_type::root_lost || type == event_type::root_back;
}

/// Whether the path is the root, or in it: "/a" has "/a" and "/a/b" in it, and not "/ab"; "/" has
/// all.
bool is_in(std::string_view root, std::string_view path) noexcept;

/// The longest of the roots that the path is, or is in; empty: none of them.
std::string_view root_of(std::string_view path, const std::vector<std::string>& roots) noexcept;

/// The root that a record belongs to: what it says itself, or else the root its path is in.
inline std::string_view root_of(const event& what, const std::vector<std::string>& roots) noexcept {
  return is_about_root(what.type) ? what.path : root_of(what.path, roots);
}

} // namespace actors
