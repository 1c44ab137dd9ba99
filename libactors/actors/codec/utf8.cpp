#include "actors/codec/utf8.hpp"

#include <cstdint>

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

void append_base64(std::string_view bytes, std::string& out) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto group = bytes.substr(at, 3);
    auto bits = std::uint32_t{0};
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      out += i <= group.size() ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
}

} // namespace actors
