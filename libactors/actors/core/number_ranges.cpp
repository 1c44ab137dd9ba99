#include "actors/core/number_ranges.hpp"

#include <algorithm>
#include <charconv>

namespace actors {

number_ranges::taken number_ranges::take(number_range numbers) {
  auto result = taken{};
  auto left = std::vector<number_range>{};
  for (const auto& hole : missing_) {
    const auto first = std::max(hole.first, numbers.first);
    const auto last = std::min(hole.last, numbers.last);
    if (first > last) {
      left.push_back(hole);
      continue;
    }
    result.fresh.push_back({first, last});
    result.late += last - first + 1;
    if (hole.first < first)
      left.push_back({hole.first, first - 1});
    if (last < hole.last)
      left.push_back({last + 1, hole.last});
  }
  if (numbers.last > last_) {
    const auto first = std::max(numbers.first, last_ + 1);
    if (first > last_ + 1) {
      left.push_back({last_ + 1, first - 1});
      result.passed_over = first - 1 - last_;
    }
    result.fresh.push_back({first, numbers.last});
    last_ = numbers.last;
  }
  if (left.size() > missing_max)
    left.erase(left.begin(), left.end() - missing_max);
  missing_ = std::move(left);
  return result;
}

std::string number_ranges::missing_text() const {
  auto text = std::string{};
  for (const auto& [first, last] : missing_) {
    if (!text.empty())
      text += ',';
    text += std::to_string(first);
    if (last != first)
      text += '-' + std::to_string(last);
  }
  return text;
}

std::optional<number_ranges> number_ranges::read(std::uint64_t last, std::string_view missing) {
  auto result = number_ranges{};
  result.last_ = last;
  const auto* at = missing.data();
  const auto* const end = at + missing.size();
  const auto number = [&](std::uint64_t& into) {
    const auto [next, failed] = std::from_chars(at, end, into);
    at = next;
    return failed == std::errc{};
  };
  auto before = std::uint64_t{0};
  while (at != end) {
    auto hole = number_range{};
    if (!number(hole.first))
      return std::nullopt;
    hole.last = hole.first;
    if (at != end && *at == '-' && (++at, !number(hole.last)))
      return std::nullopt;
    if (hole.first <= before || hole.last < hole.first || hole.last > last)
      return std::nullopt;
    before = hole.last;
    result.missing_.push_back(hole);
    if (at != end && (*at++ != ',' || at == end))
      return std::nullopt;
  }
  return result;
}

} // namespace actors
