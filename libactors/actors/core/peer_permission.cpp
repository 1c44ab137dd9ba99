#include "actors/core/peer_permission.hpp"

#include <algorithm>
#include <string_view>

namespace actors {

namespace {

constexpr auto everybody = std::string_view{"*"};
constexpr auto in_the_clear = std::string_view{"loopback"};

/// Without regard to the locale.
char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_same_name(std::string_view a, std::string_view b) {
  return std::equal(
    a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

bool is_permitted(const peer_names& list, const std::vector<std::string>& names) {
  return std::any_of(list.begin(), list.end(), [&](const auto& listed) {
    return listed == everybody || std::any_of(names.begin(), names.end(), [&](const auto& name) {
      return is_same_name(listed, name);
    });
  });
}

std::string mistake_in(const peer_names& list, wire_policy wire) {
  for (const auto& name : list) {
    if (name.empty())
      return "an empty name is nobody's; write the name of a certificate, or \"*\"";
    if (wire == wire_policy::tls && is_same_name(name, in_the_clear))
      return "\"" + name
             + "\" is the name of who speaks in the clear, and here is TLS; write the name of a "
               "certificate, or \"*\"";
  }
  return {};
}

} // namespace actors
