#include "actors/core/net_effect.hpp"

#include "actors/core/aside_name.hpp"
#include "actors/core/file_version.hpp"

#include <algorithm>
#include <utility>

namespace actors {

void net_effect::tell_all() {
  const auto nodes = tree_.in_order();
  pair_replacements(nodes);
  mark_shelters(nodes);

  auto dead = std::vector<overlay_node*>{};
  for (auto* x : nodes)
    if (!x->exists && !x->absorbed && !x->shelters)
      dead.push_back(x);
  tell_removals(std::move(dead));

  for (auto* x : nodes)
    if (x->exists)
      settle(x);

  dead.clear();
  for (auto* x : nodes)
    if (!x->exists && !x->absorbed && !x->settled)
      dead.push_back(x);
  tell_removals(std::move(dead));

  for (auto* x : nodes)
    if (x->exists && x->existed && x->how != change::difference::none)
      tell(x->how == change::difference::attributes ? event_type::attrib : event_type::modify, x);
}

/// A file that took the place of one that is gone is told as one record, not as two.
void net_effect::pair_replacements(const std::vector<overlay_node*>& nodes) {
  for (auto* x : nodes) {
    if (!x->exists || x->is_directory() || (x->existed && !x->has_left()))
      continue;
    auto* old = tree_.gone_from(x->parent, x->name);
    if (old == nullptr || old->exists || old->is_directory())
      continue;
    if (old->ftype != x->ftype && old->ftype != file_type::unknown)
      continue;
    old->absorbed = true;
    x->replaces = old;
    if (!x->existed) { // otherwise it is a rename onto it
      const auto net = merge(change::removed(), change::created());
      x->existed = true; // for the reader the path never went away
      x->how = net.how;
    }
  }
}

/// Marks the dead directories from which something was saved: they must outlive the saving.
void net_effect::mark_shelters(const std::vector<overlay_node*>& nodes) {
  for (auto* x : nodes)
    if (x->exists && x->existed && x->has_left())
      for (auto* up = x->before_parent; up != nullptr && !up->shelters;
           up = up->has_left() ? up->before_parent : up->parent)
        up->shelters = true;
  for (auto* x : nodes)
    if (x->has_left() && x->before_parent->shelters && !x->before_parent->exists)
      sheltered_[x->before_parent].push_back(x);
}

/// Deepest first, so that what is below a directory goes before it. What no record spoke of goes
/// with the directory it is in.
void net_effect::tell_removals(std::vector<overlay_node*> dead) {
  auto depths = std::vector<std::pair<std::size_t, overlay_node*>>{};
  depths.reserve(dead.size());
  for (auto* x : dead) {
    auto depth = std::size_t{0};
    for (const auto* up = x; up != nullptr; up = told_parent(up))
      ++depth;
    depths.emplace_back(depth, x);
  }
  std::stable_sort(
    depths.begin(), depths.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [depth, x] : depths) {
    const auto is_told = x->named || x->before_parent->exists;
    if (is_told)
      tell(event_type::remove, x);
    const auto may_hold_more = x->is_directory() && x->identity == 0;
    if ((!is_told || may_hold_more) && !x->before_parent->exists)
      x->before_parent->identity = 0; // it cannot promise that all in it was told (`event.hpp`)
    x->settled = true;
  }
}

/// Brings the reader's picture of `what` to where it is now. False when that has to wait for
/// something that is itself being settled.
bool net_effect::settle(overlay_node* what) {
  if (nesting_ == nesting_max)
    return false;
  auto chain = std::vector<overlay_node*>{}; // what is above goes first
  for (auto* x = what; !x->settled; x = x->parent) {
    if (x->underway)
      return false;
    chain.push_back(x);
  }
  ++nesting_;
  for (std::size_t i = chain.size(); i-- > 0;)
    settle_below(chain[i]);
  --nesting_;
  return true;
}

/// Requires that the directory it is in is settled.
void net_effect::settle_below(overlay_node* what) {
  what->underway = true;
  clear_place(what);
  what->underway = false;
  if (!what->existed)
    tell(event_type::create, what);
  else if (what->has_left())
    tell(event_type::rename, what);
  what->settled = true;
}

/// Makes sure nothing is in the way at the place where `newcomer` goes.
void net_effect::clear_place(overlay_node* newcomer) {
  if (newcomer->existed && !newcomer->has_left())
    return;
  auto* old = tree_.gone_from(newcomer->parent, newcomer->name);
  if (old == nullptr || old->settled || old->absorbed || old == newcomer)
    return;
  if (!old->exists)
    clear_away(old);
  else if (!settle(old))
    sidestep(old, newcomer->parent);
}

/// Tells that a dead directory is gone, after saving what lives on from below it.
void net_effect::clear_away(overlay_node* dead) {
  auto* outside = dead->before_parent;
  while (!outside->exists)
    outside = outside->before_parent;
  auto doomed = std::vector<overlay_node*>{dead};
  for (std::size_t i = 0; i < doomed.size(); ++i)
    for (auto* x : sheltered_[doomed[i]]) {
      if (x->settled || x->before_parent != doomed[i])
        continue; // saved already
      if (!x->exists)
        doomed.push_back(x);
      else if (!settle(x))
        sidestep(x, outside);
    }
  tell_removals(std::move(doomed));
}

/// Moves something out of the way under a name of our own.
void net_effect::sidestep(overlay_node* what, overlay_node* into) {
  auto from = std::string{};
  append_path(what, from);
  tree_.forget_place(what);
  what->before_parent = into;
  const auto time = static_cast<std::uint64_t>(what->time.time_since_epoch().count());
  what->before_name = aside_name(what->name, time ^ what->identity ^ what->order << 48);
  auto to = std::string{};
  append_path(what, to);
  auto step = event{};
  step.type = event_type::rename;
  step.ftype = what->ftype;
  step.from = from;
  step.path = to;
  step.time = what->time;
  step.identity = what->identity;
  step.version = version_before(what->version, what->how);
  out_.add(step);
}

void net_effect::tell(event_type type, const overlay_node* what) {
  auto from = std::string{};
  auto path = std::string{};
  auto record = event{};
  record.type = type;
  record.ftype = what->ftype;
  record.time = what->time;
  if (type == event_type::rename) {
    append_path(what, from);
    append_path(what->parent, path);
    path.append("/").append(what->name);
    record.replaced = what->replaces != nullptr;
  } else {
    append_path(what, path);
  }
  if (type == event_type::create) {
    record.initial = what->initial;
  } else if (type == event_type::modify) {
    record.replaced = what->how == change::difference::replaced;
  }
  if (type == event_type::create || type == event_type::modify || type == event_type::attrib)
    record.size = what->size;
  const auto is_told_now = type != event_type::rename && type != event_type::remove;
  record.identity = what->identity;
  record.version = is_told_now ? what->version : version_before(what->version, what->how);
  const auto is_told_with = type == event_type::rename || !what->has_left();
  if (record.replaced && what->replaces != nullptr && is_told_with) {
    record.lost_identity = what->replaces->identity;
    record.lost_version = version_before(what->replaces->version, what->replaces->how);
  }
  record.path = path;
  record.from = from;
  out_.add(record);
}

/// Where the reader believes `what` to be, so far.
const overlay_node* net_effect::told_parent(const overlay_node* what) {
  return !what->settled && what->has_left() ? what->before_parent : what->parent;
}

std::string_view net_effect::told_name(const overlay_node* what) {
  return !what->settled && what->has_left() ? what->before_name : what->name;
}

void net_effect::append_path(const overlay_node* what, std::string& text) {
  auto end = text.size();
  for (const auto* x = what; told_parent(x) != nullptr; x = told_parent(x))
    end += 1 + told_name(x).size();
  text.resize(end); // filled from the back: no recursion, a tree may be very deep
  for (const auto* x = what; told_parent(x) != nullptr; x = told_parent(x)) {
    end -= told_name(x).size();
    told_name(x).copy(text.data() + end, told_name(x).size());
    text[--end] = '/';
  }
}

} // namespace actors
