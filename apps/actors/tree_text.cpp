#include "tree_text.hpp"

#include "actors/codec/health_text.hpp"
#include "actors/codec/link_text.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace actors::program {

namespace {

/// Where a child stands: its own row, if it has one (a pipeline has none), and those below.
struct branch {
  const child_health* row = nullptr;
  std::vector<std::string_view> order;
  std::map<std::string_view, branch> below;
};

branch& grow(branch& from, std::string_view id) {
  const auto slash = id.find('/');
  const auto name = id.substr(0, slash);
  if (!from.below.contains(name))
    from.order.push_back(name);
  auto& next = from.below[name];
  return slash == std::string_view::npos ? next : grow(next, id.substr(slash + 1));
}

std::string describe(const child_health& x, const link_health* link) {
  auto text = std::string{name_of(x.state)};
  if (x.kind != child_kind::child)
    text = std::string{name_of(x.kind)} + ", " + text;
  if (x.restarts_total != 0)
    text += ", restarts " + std::to_string(x.restarts_total);
  if (x.next_try_in)
    text += ", next try in " + age_text(std::max(std::chrono::milliseconds{0}, *x.next_try_in));
  if (!x.held_by.empty())
    text += ", held by " + x.held_by;
  if (link != nullptr)
    return text + ", link " + link_text(*link);
  const auto is_well = x.state == child_state::ready || x.last_error.empty();
  return is_well ? text : text + ": " + x.last_error;
}

void append(
  const branch& from, const health_snapshot& health, const std::string& indent, std::string& out) {
  for (const auto name : from.order) {
    const auto is_last = name == from.order.back();
    const auto& x = from.below.at(name);
    out += indent + (is_last ? "└─ " : "├─ ") + std::string{name};
    if (x.row != nullptr)
      out += "  " + describe(*x.row, find_link(health, x.row->id));
    out += '\n';
    append(x, health, indent + (is_last ? "   " : "│  "), out);
  }
}

} // namespace

std::string tree_text(const health_snapshot& health) {
  auto root = branch{};
  for (const auto& x : health.children)
    grow(root, x.id).row = &x;
  auto out = health.node + "  " + (health.live ? "live" : "not live") + ", "
             + (health.ready ? "ready" : "not ready") + ", up " + age_text(health.uptime) + "\n";
  append(root, health, "", out);
  if (health.has_more)
    out += "... " + std::to_string(health.totals.children()) + " children in all\n";
  for (const auto& line : collection_lines(health))
    out += line + "\n";
  return out;
}

} // namespace actors::program
