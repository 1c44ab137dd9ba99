#include "actors/codec/shown_text.hpp"

#include "actors/core/utf8.hpp"

namespace actors {

bool is_showable(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0 || is_control(text))
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string shown_text(std::string_view text, std::size_t size_max) {
  auto out = std::string{};
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const auto is_fit = length > 0 && !is_control(text);
    const auto character = is_fit ? text.substr(0, length) : "?";
    if (out.size() + character.size() > size_max)
      break;
    out += character;
    text.remove_prefix(length > 0 ? length : 1);
  }
  return out;
}

} // namespace actors
