#include "actors/codec/base64.hpp"

#include <cstdint>

namespace actors {

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
