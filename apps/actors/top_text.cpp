#include "top_text.hpp"

#include "actors/codec/health_text.hpp"
#include "actors/codec/link_text.hpp"
#include "actors/core/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string_view>

namespace actors::program {

namespace {

constexpr auto bar_width = std::size_t{10};

/// Cells of a line; bytes that a terminal could take for something else are replaced.
std::string fitted(std::string_view text, std::size_t width) {
  auto out = std::string{};
  for (auto columns = std::size_t{0}; !text.empty() && columns < width; ++columns) {
    const auto length = utf8_length(text);
    if (length == 0 || is_control(text))
      out += '?';
    else
      out.append(text, 0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(),
    [](char x) { return (static_cast<unsigned char>(x) & 0xC0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width) {
  auto out = fitted(text, width);
  out.append(width - std::min(width, columns_of(out)), ' ');
  return out;
}

std::string rate_text(double per_second) {
  char text[32];
  if (per_second >= 1e6)
    std::snprintf(text, sizeof text, "%.1fM", per_second / 1e6);
  else if (per_second >= 1e4)
    std::snprintf(text, sizeof text, "%.1fk", per_second / 1e3);
  else
    std::snprintf(text, sizeof text, "%.1f", per_second);
  return text;
}

std::string latency_text(const latency_counts& counts) {
  if (counts.count() == 0)
    return "-";
  const auto micros = counts.at_most(0.99).count();
  char text[32];
  if (micros < 1000)
    std::snprintf(text, sizeof text, "<%dus", static_cast<int>(micros));
  else if (micros < 1'000'000)
    std::snprintf(text, sizeof text, "<%gms", static_cast<double>(micros) / 1e3);
  else
    std::snprintf(text, sizeof text, "<%gs", static_cast<double>(micros) / 1e6);
  return text;
}

std::string bar_text(const mailbox_health& x) {
  if (x.capacity == 0)
    return "";
  const auto fill = std::max(static_cast<double>(x.depth) / static_cast<double>(x.capacity),
    x.bytes_max == 0 ? 0.0 : static_cast<double>(x.bytes) / static_cast<double>(x.bytes_max));
  auto full = static_cast<std::size_t>(std::lround(std::min(fill, 1.0) * bar_width));
  if (x.depth != 0)
    full = std::max<std::size_t>(full, 1);
  return "[" + std::string(full, '#') + std::string(bar_width - full, '.') + "] "
         + std::to_string(x.depth) + "/" + std::to_string(x.capacity);
}

std::string remark(const child_health& x) {
  if (!x.held_by.empty())
    return "held by " + x.held_by;
  if (x.next_try_in)
    return "next try in " + age_text(*x.next_try_in) + ": " + x.last_error;
  return x.state == child_state::ready ? x.note : x.last_error;
}

/// What came since; all of it when it was not there before, or began anew.
latency_counts since(const latency_counts& now, const latency_counts* before) {
  auto left = now;
  for (std::size_t i = 0; before != nullptr && i < left.buckets.size(); ++i)
    left.buckets[i] -= std::min(before->buckets[i], left.buckets[i]);
  return left;
}

struct cell {
  std::string text;
  std::size_t width;
};

/// As many cells as fit, from the left.
std::string line_of(const std::vector<cell>& cells, std::size_t width) {
  auto line = std::string{};
  auto used = std::size_t{0};
  for (const auto& x : cells) {
    if (used != 0 && used + 8 > width)
      break;
    const auto room = std::min(x.width, width - used);
    line += padded(x.text, room);
    used += room;
    if (used < width) {
      line += ' ';
      ++used;
    }
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string head_line(const health_snapshot& x) {
  auto lost = std::uint64_t{0};
  for (const auto each : x.totals.losses.messages)
    lost += each;
  return x.node + "  " + (x.live ? "live" : "NOT LIVE") + ", " + (x.ready ? "ready" : "NOT READY")
         + ", up " + age_text(x.uptime) + "  children " + std::to_string(x.totals.children())
         + "  failed " + std::to_string(x.totals.in(child_state::failed)) + "  restarts "
         + std::to_string(x.totals.restarts) + "  lost " + std::to_string(lost);
}

} // namespace

std::vector<std::string> top_text(const health_snapshot& now, const health_snapshot* before,
  std::chrono::milliseconds span, std::size_t width) {
  auto id_width = std::size_t{12};
  for (const auto& x : now.children)
    id_width = std::max(id_width, columns_of(x.id));
  id_width = std::min(id_width, std::max<std::size_t>(width / 3, 12));
  auto earlier = std::map<std::string_view, const child_health*>{};
  if (before != nullptr)
    for (const auto& x : before->children)
      earlier.emplace(x.id, &x);
  auto lines = std::vector<std::string>{fitted(head_line(now), width)};
  lines.push_back(line_of({{"CHILD", id_width}, {"STATE", 11}, {"EVENTS/S", 9}, {"RESTARTS", 8},
                            {"P99", 8}, {"MAILBOX", 24}, {"", 200}},
    width));
  const auto seconds = std::max(1e-3, static_cast<double>(span.count()) / 1e3);
  for (const auto& x : now.children) {
    const auto found = earlier.find(x.id);
    const auto* then = found == earlier.end() ? nullptr : found->second;
    const auto total = x.passed.events_total();
    const auto base = then == nullptr ? 0 : std::min(then->passed.events_total(), total);
    const auto rate = static_cast<double>(total - base) / seconds;
    const auto latency =
      x.passed.latency ? latency_text(since(*x.passed.latency,
        then != nullptr && then->passed.latency ? &*then->passed.latency : nullptr))
                       : "";
    const auto is_group = x.kind != child_kind::child;
    lines.push_back(
      line_of({{x.id, id_width}, {std::string{name_of(x.state)}, 11},
                {is_group ? "" : rate_text(rate), 9}, {std::to_string(x.restarts_total), 8},
                {latency, 8}, {bar_text(x.mailbox), 24}, {remark(x), 200}},
        width));
  }
  if (now.has_more)
    lines.push_back(
      fitted("... " + std::to_string(now.totals.children()) + " children in all", width));
  for (const auto& x : now.links)
    lines.push_back(fitted("link " + x.child + "  " + link_text(x), width));
  for (const auto& line : collection_lines(now))
    lines.push_back(fitted(line, width));
  return lines;
}

} // namespace actors::program
