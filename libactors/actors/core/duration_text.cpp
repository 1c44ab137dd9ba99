#include "actors/core/duration_text.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

namespace actors {

namespace {

/// Largest first; written out in the first one that divides the span.
constexpr std::pair<std::string_view, std::int64_t> units[] = {
  {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto number = std::int64_t{0};
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number < 0)
    return std::nullopt;
  const auto unit = std::string_view{rest, static_cast<std::size_t>(end - rest)};
  if (unit.empty())
    return number == 0 ? std::optional{std::chrono::milliseconds{0}} : std::nullopt;
  for (const auto& [name, factor] : units)
    if (unit == name) {
      if (number > std::numeric_limits<std::int64_t>::max() / 1'000'000 / factor)
        return std::nullopt; // would not fit the clocks, which count nanoseconds
      return std::chrono::milliseconds{number * factor};
    }
  return std::nullopt;
}

std::string to_text(std::chrono::milliseconds span) {
  for (const auto& [name, factor] : units)
    if (span.count() != 0 && span.count() % factor == 0)
      return std::to_string(span.count() / factor) + std::string{name};
  return "0";
}

} // namespace actors
