#include "actors/codec/health_text.hpp"

#include "actors/codec/link_text.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace actors {

namespace {

void append_child(const child_health& x, std::string_view name, const link_health* link, bool last,
  std::string& out) {
  char text[160];
  out += last ? "   └─ " : "   ├─ ";
  std::snprintf(text, sizeof text, "%-16.*s %-11s for %-7s", static_cast<int>(name.size()),
    name.data(), std::string{name_of(x.state)}.c_str(), age_text(x.since).c_str());
  out += text;
  out += "  restarts " + std::to_string(x.restarts_total);
  if (x.mailbox.capacity != 0)
    out +=
      "  mailbox " + std::to_string(x.mailbox.depth) + "/" + std::to_string(x.mailbox.capacity);
  if (x.mailbox.held.count() > 0)
    out += "  holds its sender for " + age_text(x.mailbox.held);
  const auto& counters = x.mailbox.counters;
  if (const auto lost = counters.dropped + counters.evicted + counters.conflated; lost != 0)
    out += "  dropped " + std::to_string(lost);
  if (x.attempt != 0)
    out += "  attempt " + std::to_string(x.attempt) + "/" + std::to_string(x.attempts_max);
  if (x.next_try_in)
    out += "  next try in " + age_text(*x.next_try_in);
  if (!x.note.empty())
    out += "  " + x.note;
  out += '\n';
  const auto below = std::string{last ? "   " : "   │"} + "     ";
  if (link != nullptr)
    out += below + "link " + link_text(*link) + "\n";
  if (!x.last_error.empty() && (link == nullptr || link->last_error.empty()))
    out += below + "last error: " + x.last_error + "\n";
}

} // namespace

std::string age_text(std::chrono::milliseconds age) {
  const auto seconds = age.count() / 1000;
  char text[32];
  if (age.count() < 1000)
    std::snprintf(text, sizeof text, "%dms", static_cast<int>(age.count()));
  else if (seconds < 60)
    std::snprintf(text, sizeof text, "%.1fs", static_cast<double>(age.count()) / 1000.0);
  else if (seconds < 3600)
    std::snprintf(text, sizeof text, "%dm%02ds", static_cast<int>(seconds / 60),
      static_cast<int>(seconds % 60));
  else
    std::snprintf(text, sizeof text, "%lldh%02dm", static_cast<long long>(seconds / 3600),
      static_cast<int>(seconds / 60 % 60));
  return text;
}

std::string to_text(const health_snapshot& health) {
  auto out = health.node + "  " + (health.live ? "live" : "not live") + ", "
             + (health.ready ? "ready" : "not ready") + ", up " + age_text(health.uptime)
             + "  (actors " + health.version + ")\n";
  auto pipeline = std::string_view{};
  for (std::size_t i = 0; i < health.children.size(); ++i) {
    const auto pipeline_of = [](const child_health& x) {
      return std::string_view{x.id}.substr(0, x.id.find('/'));
    };
    const auto& child = health.children[i];
    if (pipeline_of(child) != pipeline || i == 0) {
      pipeline = pipeline_of(child);
      out += "└─ " + std::string{pipeline} + "\n";
    }
    const auto last =
      i + 1 == health.children.size() || pipeline_of(health.children[i + 1]) != pipeline;
    const auto begin = std::min(child.id.size(), pipeline.size() + 1);
    append_child(
      child, std::string_view{child.id}.substr(begin), find_link(health, child.id), last, out);
  }
  if (health.has_more)
    out += "   ... " + std::to_string(health.totals.children()) + " children in all\n";
  for (const auto& line : collection_lines(health))
    out += line + "\n";
  return out;
}

} // namespace actors
