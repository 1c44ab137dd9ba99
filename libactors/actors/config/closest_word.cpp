#include "actors/config/closest_word.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace actors {

namespace {

/// Longer words are no slips of the keys of ours.
constexpr std::size_t letters_max = 40;

/// Letters to change, insert, remove or exchange with their neighbour (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  auto before_last = std::vector<std::size_t>(b.size() + 1);
  auto last = before_last;
  auto row = before_last;
  for (std::size_t k = 0; k <= b.size(); ++k)
    last[k] = k;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const auto changed = last[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
      row[k] = std::min({last[k] + 1, row[k - 1] + 1, changed});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
        row[k] = std::min(row[k], before_last[k - 2] + 1);
    }
    before_last = std::exchange(last, row);
  }
  return last[b.size()];
}

} // namespace

std::optional<std::string_view> closest_word(
  std::string_view written, const std::vector<std::string_view>& words) {
  if (written.size() > letters_max)
    return std::nullopt;
  auto best = std::optional<std::string_view>{};
  auto nearest = (written.size() < 5 ? std::size_t{1} : std::size_t{2}) + 1;
  for (const auto word : words)
    if (const auto letters = distance(written, word); letters < nearest) {
      nearest = letters;
      best = word;
    }
  if (best)
    return best;
  for (const auto word : words) // "quiet" for "quiet_ms"
    if (written.size() > 2 && (word.starts_with(written) || written.starts_with(word)))
      return word;
  return std::nullopt;
}

} // namespace actors
