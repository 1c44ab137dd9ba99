#include "actors/config/config_difference.hpp"

#include "actors/core/child_name.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace actors {

namespace {

using action = pipeline_change::action;

pipeline_change restart(const pipeline_config& pipeline, std::string why) {
  return {action::restart, pipeline.name, {}, std::move(why)};
}

/// Whether the edge and the kind of sink are the same: then it can be made anew in its place. Not
/// one with a spool, which is three children that share it; nor standard output, which may be in
/// the middle of a line.
bool is_same_place(const emitter_options& a, const emitter_options& b) {
  return a.name == b.name && a.to.index() == b.to.index() && a.mailbox == b.mailbox
         && a.spool == b.spool
         && (a.to == b.to || (!a.spool && !std::holds_alternative<stdout_sink_options>(a.to)));
}

pipeline_change change_of(const pipeline_config& before, const pipeline_config& after) {
  if (before == after)
    return {action::keep, after.name, {}, {}};
  if (before.paths != after.paths || before.watch != after.watch)
    return restart(after, "watch changed");
  if (before.mailbox != after.mailbox)
    return restart(after, "mailbox changed");
  if (before.supervise != after.supervise)
    return restart(after, "supervise changed");
  if ((before.debounce.quiet.count() == 0) != (after.debounce.quiet.count() == 0))
    return restart(after, "debounce came or went");
  const auto all = change_kinds::all();
  if ((before.only == all) != (after.only == all))
    return restart(after, "only came or went");
  if (!std::equal(before.emit.begin(), before.emit.end(), after.emit.begin(), after.emit.end(),
        is_same_place))
    return restart(after, "emit changed");
  auto change = pipeline_change{action::adjust, after.name, {}, {}};
  for (std::size_t i = 0; i < after.emit.size(); ++i)
    if (before.emit[i].to != after.emit[i].to)
      change.children.push_back(after.emit[i].name);
  if (before.only != after.only)
    change.children.emplace_back(filter_name);
  if (before.debounce != after.debounce && after.debounce.quiet.count() != 0)
    change.children.emplace_back(debouncer_name);
  for (const auto& child : change.children)
    change.why += (change.why.empty() ? "" : ", ") + child;
  change.why += " changed";
  return change.children.empty() ? pipeline_change{action::keep, after.name, {}, {}} : change;
}

const pipeline_config* find(const std::vector<pipeline_config>& list, const std::string& name) {
  const auto at =
    std::find_if(list.begin(), list.end(), [&](const auto& x) { return x.name == name; });
  return at == list.end() ? nullptr : &*at;
}

} // namespace

std::vector<pipeline_change> difference(
  const std::vector<pipeline_config>& before, const std::vector<pipeline_config>& after) {
  auto changes = std::vector<pipeline_change>{};
  for (const auto& old : before)
    if (find(after, old.name) == nullptr)
      changes.push_back({action::stop, old.name, {}, "it is not in the configuration any more"});
  for (const auto& pipeline : after) {
    const auto* old = find(before, pipeline.name);
    changes.push_back(old == nullptr
                        ? pipeline_change{action::start, pipeline.name, {}, "it is new"}
                        : change_of(*old, pipeline));
  }
  return changes;
}

std::vector<std::string> keys_for_next_start(const node_config& before, const node_config& after) {
  auto keys = std::vector<std::string>{};
  if (before.name != after.name)
    keys.emplace_back("node.name");
  if (before.admin != after.admin)
    keys.emplace_back("node.admin");
  if (before.http != after.http)
    keys.emplace_back("node.http");
  if (before.collect != after.collect)
    keys.emplace_back("collect");
  return keys;
}

} // namespace actors
