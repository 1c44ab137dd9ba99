#include "actors/core/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace actors {

std::chrono::milliseconds delay(
  const backoff_rules& rules, std::uint32_t attempt, double random) noexcept {
  constexpr auto floor = 1.0;
  const auto cap = std::max(floor, static_cast<double>(rules.cap.count()));
  const auto base = static_cast<double>(rules.base.count());
  const auto exponent = attempt == 0 ? 0.0 : static_cast<double>(attempt) - 1.0;
  auto raw = base * std::pow(rules.multiplier, exponent);
  if (std::isnan(raw)) // 0 * infinity: a base of 0 stays 0 however often it is multiplied
    raw = 0.0;
  const auto jittered = raw * (1.0 - rules.jitter + 2.0 * rules.jitter * random);
  const auto bounded = std::isnan(jittered) ? cap : std::clamp(jittered, floor, cap);
  return std::chrono::milliseconds{static_cast<std::int64_t>(bounded)};
}

std::chrono::milliseconds total_time(const backoff_rules& rules) noexcept {
  auto without_jitter = rules;
  without_jitter.jitter = 0.0;
  auto sum = std::chrono::milliseconds{0};
  for (std::uint32_t attempt = 1; attempt <= rules.attempts_max; ++attempt) {
    auto next = delay(without_jitter, attempt);
    // When all later ones are equal, there is no need to count a billion of them.
    if (next == rules.cap || rules.multiplier == 1.0 || rules.base.count() == 0)
      return sum + (rules.attempts_max - attempt + 1) * next;
    sum += next;
  }
  return sum;
}

} // namespace actors
