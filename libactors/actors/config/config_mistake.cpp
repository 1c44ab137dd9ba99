#include "actors/config/config_mistake.hpp"

#include "actors/core/utf8.hpp"

#include <algorithm>
#include <utility>

namespace actors {

std::string to_text(const config_mistake& mistake) {
  return mistake.file + ":" + std::to_string(mistake.line) + ": "
         + (mistake.key.empty() ? "" : mistake.key + ": ") + mistake.text;
}

std::string shown(std::string_view text, std::size_t bytes_max) {
  auto out = std::string{};
  while (!text.empty() && out.size() < bytes_max) {
    const auto length = std::max<std::size_t>(utf8_length(text), 1);
    out += visible_text(text.substr(0, length));
    text.remove_prefix(length);
  }
  return text.empty() ? out : out + "...";
}

void mistake_list::add(config_mistake mistake) {
  if (mistakes_.size() == mistakes_max)
    ++left_out_;
  else
    mistakes_.push_back(std::move(mistake));
}

void mistake_list::add(std::size_t line, std::string key, std::string text) {
  add({file_, line, std::move(key), std::move(text)});
}

void mistake_list::add(std::string key, std::string text, errc code) {
  const auto line = line_of(key);
  add({file_, line, std::move(key), std::move(text), code});
}

std::size_t mistake_list::line_of(std::string_view key) const {
  while (!key.empty()) {
    if (const auto at = lines_.find(key); at != lines_.end())
      return at->second;
    const auto end = key.find_last_of(".[");
    key = key.substr(0, end == std::string_view::npos ? 0 : end);
  }
  return 1;
}

bool mistake_list::has(std::string_view key) const {
  return std::any_of(
    mistakes_.begin(), mistakes_.end(), [&](const auto& x) { return x.key == key; });
}

std::vector<config_mistake> mistake_list::take() {
  std::stable_sort(mistakes_.begin(), mistakes_.end(),
    [](const auto& a, const auto& b) { return a.line < b.line; });
  if (left_out_ != 0)
    mistakes_.push_back(
      {file_, mistakes_.back().line, "", "and " + std::to_string(left_out_) + " mistakes more"});
  left_out_ = 0;
  return std::exchange(mistakes_, {});
}

} // namespace actors
