#include "actors/core/change_fold.hpp"

#include "actors/core/net_effect.hpp"

#include <algorithm>
#include <cassert>

namespace actors {

void change_fold::add(const event& what) {
  switch (what.type) {
    case event_type::create: return create(what);
    case event_type::modify:
      return alter(
        what, what.replaced ? change::difference::replaced : change::difference::content);
    case event_type::attrib: return alter(what, change::difference::attributes);
    case event_type::remove: return remove(what);
    case event_type::rename: return rename(what);
    default: assert(false && "only changes fold");
  }
}

void change_fold::create(const event& what) {
  auto* parent = tree_.directory_of(what.path);
  auto* old = tree_.at(parent, name_part(what.path));
  if (old != nullptr && old->ftype == what.ftype) // told twice: the later telling is right
    return alter(what, change::difference::content);
  if (old != nullptr)
    tree_.kill(old);
  auto* fresh = tree_.make(parent, name_part(what.path), overlay_tree::origin::is_new);
  fresh->initial = what.initial;
  describe(fresh, what);
}

void change_fold::alter(const event& what, change::difference how) {
  auto* parent = tree_.directory_of(what.path);
  auto* target = tree_.at(parent, name_part(what.path));
  if (target == nullptr)
    target = tree_.make(parent, name_part(what.path), overlay_tree::origin::was_there);
  target->how = std::max(target->how, how);
  describe(target, what);
}

void change_fold::remove(const event& what) {
  auto* target = tree_.known_at(what.path);
  if (target == nullptr)
    return;
  describe(target, what);
  tree_.kill(target);
}

void change_fold::rename(const event& what) {
  auto* source = tree_.known_at(what.from);
  if (source == nullptr)
    return create(what);
  if (what.replaced) { // so something was there, named before or not
    if (auto* victim = tree_.known_at(what.path); victim != nullptr && victim != source) {
      if (victim->ftype == file_type::unknown)
        victim->ftype = what.ftype; // `replaced` says so
      tree_.kill(victim);
    }
  }
  auto* parent = tree_.directory_of(what.path);
  for (const auto* up = parent; up != nullptr; up = up->parent)
    if (up == source)
      return; // a directory cannot move below itself: the teller was confused
  if (auto* victim = tree_.at(parent, name_part(what.path)); victim != nullptr && victim != source)
    tree_.kill(victim);
  tree_.move(source, parent, name_part(what.path));
  describe(source, what);
}

void change_fold::describe(overlay_node* what, const event& from) {
  what->named = true;
  if (from.ftype != file_type::unknown)
    what->ftype = from.ftype;
  if (from.type != event_type::rename && from.type != event_type::remove)
    what->size = from.size;
  what->time = from.time;
}

void change_fold::take(batch_builder& out) {
  net_effect{tree_, out}.tell_all();
  tree_.clear();
}

} // namespace actors
