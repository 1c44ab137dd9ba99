#include "actors/core/change_fold.hpp"

#include "actors/core/file_version.hpp"
#include "actors/core/net_effect.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace actors {

namespace {

/// Whether a record is known to be about the very file, or about another one.
bool is_same(const overlay_node& node, const event& what) {
  return node.identity != 0 && node.identity == what.identity && node.ftype == what.ftype;
}
bool is_another(const overlay_node& node, const event& what) {
  return node.identity != 0 && what.identity != 0 && node.identity != what.identity;
}

void differ(overlay_node* what, change::difference how) {
  what->how = std::max(what->how, how);
}

/// Of two names of one file.
change::difference how_differs(const overlay_node& before, const overlay_node& now) {
  return difference_of_versions(now.ftype, before.version, now.version);
}

/// Of two names of one file, if nobody looked at one of them: what is known of the other. Requires
/// that they do not differ, or that this one is not told.
void share_size(overlay_node* a, overlay_node* b) {
  if (!a->looked_at)
    a->size = b->size;
  else if (!b->looked_at)
    b->size = a->size;
  a->looked_at = b->looked_at = a->looked_at || b->looked_at;
}

} // namespace

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
  auto* old = tree_.at(tree_.directory_of(what.path), name_part(what.path));
  if (old != nullptr && old->ftype == what.ftype && !is_another(*old, what)) // told twice: the
    return alter(what, is_same(*old, what)                                   // later is right
                         ? difference_of_versions(old->ftype, old->version, what.version)
                         : change::difference::content);
  if (old != nullptr)
    kill(old);
  auto* const parent = tree_.directory_of(what.path);
  const auto name = name_part(what.path);
  auto* node = tree_.gone_from(parent, name);
  if (node == nullptr || node->exists || !is_same(*node, what))
    node = what.identity == 0 ? nullptr : tree_.gone_with(what.identity, what.ftype);
  if (node != nullptr) { // it is back
    differ(node, difference_of_versions(node->ftype, node->version, what.version));
    tree_.revive(node, parent, name);
  } else {
    node = tree_.make(parent, name, overlay_tree::origin::is_new);
    node->initial = what.initial;
  }
  describe(node, what);
  arrive(node);
}

void change_fold::alter(const event& what, change::difference how) {
  auto* parent = tree_.directory_of(what.path);
  auto* target = tree_.at(parent, name_part(what.path));
  if (target == nullptr)
    target = tree_.make(parent, name_part(what.path), overlay_tree::origin::was_there);
  if (what.replaced && target->ftype == file_type::unknown)
    tree_.set_type(target, what.ftype); // `replaced` says so
  if (what.replaced)
    recognize(target, what.lost_identity, what.lost_version);
  if (is_another(*target, what) && !target->is_directory())
    return replace(target, what);
  if (how == change::difference::replaced) {
    if (is_same(*target, what))
      how = change::difference::content;
    else
      tree_.set_identity(target, 0); // which file it was before is not known
  }
  differ(target, how);
  describe(target, what);
}

/// Another file has the name now: one went, and one came.
void change_fold::replace(overlay_node* what, const event& by) {
  kill(what);
  create(by);
}

void change_fold::remove(const event& what) {
  auto* target = tree_.known_at(what.path);
  if (target == nullptr)
    return;
  describe(target, what);
  kill(target, what.identity == 0 ? nullptr : target);
}

void change_fold::rename(const event& what) {
  auto* source = tree_.known_at(what.from);
  if (source == nullptr)
    return create(what);
  if (what.replaced) { // so something was there, named before or not
    if (auto* victim = tree_.known_at(what.path); victim != nullptr && victim != source) {
      if (victim->ftype == file_type::unknown)
        tree_.set_type(victim, what.ftype); // `replaced` says so
      recognize(victim, what.lost_identity, what.lost_version);
      kill(victim, what.lost_identity == 0 ? nullptr : victim); // rename(2): it was empty
      source = tree_.known_at(what.from); // who went may have turned out to be who comes
      if (source == nullptr)
        return create(what);
    }
  }
  auto* parent = tree_.directory_of(what.path);
  for (const auto* up = parent; up != nullptr; up = up->parent)
    if (up == source)
      return; // a directory cannot move below itself: the teller was confused
  if (auto* victim = tree_.at(parent, name_part(what.path));
      victim != nullptr && victim != source) {
    kill(victim);
    parent = tree_.directory_of(what.path);
    source = tree_.known_at(what.from);
    if (source == nullptr)
      return create(what);
  }
  tree_.move(source, parent, name_part(what.path));
  describe(source, what);
  arrive(source);
}

/// Something is gone, and all in it; `told` is what a record of its own promised to be empty. What
/// has another name by now, one that is new, has moved there.
void change_fold::kill(overlay_node* what, const overlay_node* told) {
  for (auto* gone : tree_.kill(what)) {
    if (gone->is_directory() && gone != told)
      tree_.set_identity(gone, 0); // what else was in it is not known: it cannot come back empty
    if (auto* same = tree_.new_with(gone->identity, gone->ftype))
      take_place(gone, same);
  }
}

/// A file has come to a name that it had in the beginning. If what is thought to have left that
/// name is another name of this very file, the two are taken for each other: it never left.
void change_fold::arrive(overlay_node* what) {
  auto* home = tree_.gone_from(what->parent, what->name);
  if (home == nullptr || home == what || what->is_directory() || !home->is_same_file(*what))
    return;
  if (!home->exists)
    return take_place(home, what); // one name fewer: it is the other one that is gone
  const auto how = how_differs(*home, *what);
  if (how != change::difference::none && !(home->looked_at && what->looked_at))
    return; // it would be told without its size
  differ(home, how);
  differ(what, how);
  share_size(home, what);
  std::swap(home->version, what->version);
  std::swap(home->size, what->size);
  std::swap(home->time, what->time);
  tree_.exchange_places(home, what);
}

/// What is gone is back as `what`, and `what` is gone.
void change_fold::take_place(overlay_node* gone, overlay_node* what) {
  const auto how = how_differs(*gone, *what);
  if (how != change::difference::none && !what->looked_at)
    return;
  differ(gone, how);
  share_size(gone, what);
  gone->version = what->version;
  gone->size = what->size;
  gone->time = what->time;
  tree_.revive_as(gone, what);
}

void change_fold::describe(overlay_node* what, const event& from) {
  const auto is_looked_at = from.type != event_type::rename && from.type != event_type::remove;
  what->named = true;
  if (from.ftype != file_type::unknown && from.ftype != what->ftype)
    tree_.set_type(what, from.ftype);
  if (is_looked_at) {
    what->looked_at = true;
    what->size = from.size;
    what->version = from.version;
  }
  what->time = from.time;
  recognize(what, from.identity, from.version);
}

/// Learns which file it is. Not when another may have had the name in the beginning.
void change_fold::recognize(overlay_node* what, std::uint64_t identity, std::uint64_t version) {
  if (version != 0)
    what->version = version;
  const auto was_replaced = what->existed && what->how == change::difference::replaced;
  if (identity == 0 || what->identity != 0 || was_replaced)
    return;
  what->named = true; // in a record that is about another, perhaps
  tree_.set_identity(what, identity);
}

void change_fold::take(batch_builder& out) {
  net_effect{tree_, out}.tell_all();
  tree_.clear();
}

} // namespace actors
