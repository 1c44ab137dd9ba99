#include "actors/core/utf8.hpp"

namespace actors {

namespace {

constexpr bool is_between(unsigned char x, unsigned char low, unsigned char high) {
  return x >= low && x <= high;
}

} // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const auto tail = [&](std::size_t i) { return is_between(at(i), 0x80, 0xBF); };
  const auto first = at(0);
  if (text.empty())
    return 0;
  if (first < 0x80)
    return 1;
  if (is_between(first, 0xC2, 0xDF))
    return tail(1) ? 2 : 0;
  // The second byte's range keeps out overlong forms (E0, F0), surrogates (ED) and the end (F4).
  if (is_between(first, 0xE0, 0xEF)) {
    const auto second = is_between(at(1), first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && tail(2) ? 3 : 0;
  }
  if (is_between(first, 0xF0, 0xF4)) {
    const auto second = is_between(at(1), first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text.front());
  return first < 0x20 || first == 0x7F
         || (first == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0);
}

std::string visible_text(std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  auto out = std::string{};
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length != 0 && !is_control(text)) {
      out.append(text, 0, length);
      text.remove_prefix(length);
      continue;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    out.append({'\\', 'x', hex[byte >> 4], hex[byte & 15]});
    text.remove_prefix(1); // of a C1 character the other byte is no UTF-8 now, and follows
  }
  return out;
}

} // namespace actors
