#include "actors/core/ignore_rules.hpp"

#include <algorithm>
#include <utility>

namespace actors {

void ignore_rules::add(std::string_view line) {
  auto pattern = ignore_pattern::parse(line);
  if (!pattern || pattern->is_malformed())
    return;
  if (take_room_for(*pattern))
    patterns_.push_back(std::move(*pattern));
  else
    ++left_out_;
}

void ignore_rules::add_text(std::string_view text) {
  constexpr auto byte_order_mark = std::string_view{"\xEF\xBB\xBF"};
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    add(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

ignore_rules::verdict ignore_rules::judge(std::string_view path, file_type type) const noexcept {
  const auto last = std::find_if(patterns_.rbegin(), patterns_.rend(),
    [&](const ignore_pattern& pattern) { return pattern.matches(path, type); });
  if (last == patterns_.rend())
    return verdict::none;
  return last->is_negated() ? verdict::kept : verdict::ignored;
}

bool ignore_rules::take_room_for(const ignore_pattern& pattern) noexcept {
  const auto bytes = pattern.bytes();
  if (bytes > limits_.pattern_bytes_max)
    return false;
  is_full_ =
    is_full_ || patterns_.size() >= limits_.patterns_max || bytes > limits_.bytes_max - bytes_;
  bytes_ += is_full_ ? 0 : bytes;
  return !is_full_;
}

} // namespace actors
