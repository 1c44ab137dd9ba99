#include "actors/config/topology.hpp"
#include "actors/core/backoff.hpp"
#include "actors/core/duration_text.hpp"

#include <algorithm>

namespace actors {

namespace {

/// So many waits are shown; those behind are mostly the last again.
constexpr std::uint32_t waits_shown_max = 10;

std::string schedule_of(const backoff_rules& rules) {
  if (rules.attempts_max == 0)
    return "is not tried again: gives up at the first crash";
  auto text = std::string{"tries after"};
  const auto shown = std::min(rules.attempts_max, waits_shown_max);
  for (std::uint32_t attempt = 1; attempt <= shown; ++attempt)
    text += " " + to_text(delay(rules, attempt));
  if (shown < rules.attempts_max)
    text += " ... (" + std::to_string(rules.attempts_max) + " times)";
  return text + ", gives up " + to_text(total_time(rules)) + " after the first crash";
}

} // namespace

std::vector<std::string> restart_schedule(const node_config& config) {
  auto lines = std::vector<std::string>{};
  if (config.collect)
    for (const auto& child : child_names(*config.collect))
      lines.push_back(std::string{collect_config::name} + "/" + child + ": "
                      + schedule_of(supervise_options{}.restart.backoff));
  for (const auto& pipeline : config.pipelines)
    for (const auto& child : child_names(pipeline))
      lines.push_back(
        pipeline.name + "/" + child + ": " + schedule_of(pipeline.supervise.restart.backoff));
  return lines;
}

} // namespace actors
