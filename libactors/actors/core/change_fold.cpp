#include "actors/core/change_fold.hpp"

#include <algorithm>
#include <cassert>

namespace actors {

namespace {

std::string_view directory_part(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view name_part(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

} // namespace

change_fold::change_fold() {
  reset();
}

void change_fold::add(const event& what) {
  switch (what.type) {
    case event_type::create: return create(what);
    case event_type::modify:
      return alter(
        what, what.replaced ? change::difference::replaced : change::difference::content);
    case event_type::attrib: return alter(what, change::difference::attributes);
    case event_type::remove: return remove(what);
    case event_type::rename: return rename(what);
    default: assert(!"only changes fold");
  }
}

// -- taking in ------------------------------------------------------------------------------------

void change_fold::create(const event& what) {
  auto* parent = directory_of(what.path);
  auto* old = at(parent, name_part(what.path));
  if (old != nullptr && old->ftype == what.ftype) // told twice: the later telling is right
    return alter(what, change::difference::content);
  if (old != nullptr)
    kill(old);
  auto* fresh = make(parent, name_part(what.path), false);
  fresh->initial = what.initial;
  describe(fresh, what);
}

void change_fold::alter(const event& what, change::difference how) {
  auto* parent = directory_of(what.path);
  auto* target = at(parent, name_part(what.path));
  if (target == nullptr)
    target = make(parent, name_part(what.path), true);
  target->how = std::max(target->how, how);
  describe(target, what);
}

void change_fold::remove(const event& what) {
  auto known_gone = false;
  auto* target = known_at(what.path, known_gone);
  if (known_gone)
    return;
  describe(target, what);
  kill(target);
}

void change_fold::rename(const event& what) {
  auto known_gone = false;
  auto* source = known_at(what.from, known_gone);
  if (known_gone)
    return create(what);
  if (what.replaced) { // so something was there, named before or not
    auto nothing_there = false;
    if (auto* victim = known_at(what.path, nothing_there); !nothing_there && victim != source) {
      if (victim->ftype == file_type::unknown)
        victim->ftype = what.ftype; // `replaced` says so
      kill(victim);
    }
  }
  auto* parent = directory_of(what.path);
  for (const auto* up = parent; up != nullptr; up = up->parent)
    if (up == source)
      return; // a directory cannot move below itself: the teller was confused
  if (auto* victim = at(parent, name_part(what.path)); victim != nullptr && victim != source)
    kill(victim);
  leave(source);
  put(source, parent, name_part(what.path));
  describe(source, what);
}

/// The node of the directory that holds `path`; directories not named so far were there before.
change_fold::node* change_fold::directory_of(std::string_view path) {
  const auto directory = directory_part(path);
  if (cached_ != nullptr && directory == cached_path_)
    return cached_;
  auto* where = &pool_.front();
  for (std::size_t begin = 0; begin < directory.size();) {
    const auto end = std::min(directory.find('/', begin), directory.size());
    const auto name = directory.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty())
      continue;
    auto* next = at(where, name);
    if (next == nullptr)
      next = make(where, name, true);
    next->ftype = file_type::directory;
    where = next;
  }
  cached_path_ = directory;
  cached_ = where;
  return where;
}

change_fold::node* change_fold::at(node* parent, std::string_view name) const {
  auto i = now_.find({parent, name});
  return i == now_.end() ? nullptr : i->second;
}

/// The node at `path`, made if it was not named so far. Sets `known_gone` when it was there and has
/// left; there is no node then.
change_fold::node* change_fold::known_at(std::string_view path, bool& known_gone) {
  auto* parent = directory_of(path);
  auto* found = at(parent, name_part(path));
  known_gone =
    found == nullptr && (!parent->existed || gone_.count({parent, name_part(path)}) != 0);
  if (found == nullptr && !known_gone)
    found = make(parent, name_part(path), true);
  return found;
}

change_fold::node* change_fold::make(node* parent, std::string_view name, bool existed) {
  node* fresh = nullptr;
  if (free_.empty()) {
    fresh = &pool_.emplace_back();
  } else {
    fresh = free_.back();
    free_.pop_back();
    *fresh = {};
  }
  fresh->existed = existed && parent->existed; // nothing was there before in a new directory
  fresh->exists = true;
  fresh->order = ++orders_;
  ++held_;
  put(fresh, parent, name);
  return fresh;
}

void change_fold::put(node* what, node* parent, std::string_view name) {
  what->parent = parent;
  what->name = name;
  now_[{parent, what->name}] = what;
  what->previous_sibling = nullptr;
  what->next_sibling = parent->first_child;
  if (what->next_sibling != nullptr)
    what->next_sibling->previous_sibling = what;
  parent->first_child = what;
  if (what->has_left() && what->before_parent == parent && what->before_name == name) {
    gone_.erase({parent, what->before_name}); // back where it was
    what->before_parent = nullptr;
    what->before_name.clear();
  }
}

void change_fold::leave(node* what) {
  if (what->is_directory() || what->first_child != nullptr)
    cached_ = nullptr;
  now_.erase({what->parent, what->name});
  if (what->previous_sibling != nullptr)
    what->previous_sibling->next_sibling = what->next_sibling;
  else
    what->parent->first_child = what->next_sibling;
  if (what->next_sibling != nullptr)
    what->next_sibling->previous_sibling = what->previous_sibling;
  if (what->existed && !what->has_left()) {
    what->before_parent = what->parent;
    what->before_name = what->name;
    gone_[{what->before_parent, what->before_name}] = what;
  }
}

void change_fold::kill(node* what) {
  for (auto* x = what;;) { // no recursion: a tree may be very deep
    while (x->first_child != nullptr)
      x = x->first_child;
    auto* const up = x->parent;
    leave(x);
    x->exists = false;
    if (!x->existed) { // it came and went: nobody will ask
      --held_;
      free_.push_back(x);
    }
    if (x == what)
      return;
    x = up;
  }
}

void change_fold::describe(node* what, const event& from) {
  what->named = true;
  if (from.ftype != file_type::unknown)
    what->ftype = from.ftype;
  if (from.type != event_type::rename && from.type != event_type::remove)
    what->size = from.size;
  what->time = from.time;
}

// -- giving out -----------------------------------------------------------------------------------

void change_fold::take(batch_builder& out) {
  const auto nodes = in_order();
  pair_replacements(nodes);
  mark_shelters(nodes);

  auto dead = std::vector<node*>{};
  for (auto* x : nodes)
    if (!x->exists && !x->absorbed && !x->shelters)
      dead.push_back(x);
  tell_removals(std::move(dead), out);

  for (auto* x : nodes)
    if (x->exists)
      settle(x, out);

  dead.clear();
  for (auto* x : nodes)
    if (!x->exists && !x->absorbed && !x->settled)
      dead.push_back(x);
  tell_removals(std::move(dead), out);

  for (auto* x : nodes)
    if (x->exists && x->existed && x->how != change::difference::none)
      tell(
        x->how == change::difference::attributes ? event_type::attrib : event_type::modify, x, out);
  reset();
}

std::vector<change_fold::node*> change_fold::in_order() {
  auto nodes = std::vector<node*>{};
  nodes.reserve(held_);
  for (auto& x : pool_)
    if (&x != &pool_.front() && (x.exists || x.existed))
      nodes.push_back(&x);
  std::sort(
    nodes.begin(), nodes.end(), [](const node* a, const node* b) { return a->order < b->order; });
  return nodes;
}

/// A file that took the place of one that is gone is told as one record, not as two.
void change_fold::pair_replacements(const std::vector<node*>& nodes) {
  for (auto* x : nodes) {
    if (!x->exists || x->is_directory() || (x->existed && !x->has_left()))
      continue;
    auto i = gone_.find({x->parent, x->name});
    if (i == gone_.end() || i->second->exists || i->second->is_directory())
      continue;
    auto* old = i->second;
    if (old->ftype != x->ftype && old->ftype != file_type::unknown)
      continue;
    old->absorbed = true;
    if (x->existed) {
      x->replaces = true; // a rename onto it
    } else {
      const auto net = merge(change::removed(), change::created());
      x->existed = true; // for the reader the path never went away
      x->how = net.how;
    }
  }
}

/// Marks the dead directories from which something was saved: they must outlive the saving.
void change_fold::mark_shelters(const std::vector<node*>& nodes) {
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
void change_fold::tell_removals(std::vector<node*> dead, batch_builder& out) {
  auto depths = std::vector<std::pair<std::size_t, node*>>{};
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
    if (x->named || x->before_parent->exists)
      tell(event_type::remove, x, out);
    x->settled = true;
  }
}

/// Brings the reader's picture of `what` to where it is now. False when that has to wait for
/// something that is itself being settled.
bool change_fold::settle(node* what, batch_builder& out) {
  if (nesting_ == nesting_max)
    return false;
  auto chain = std::vector<node*>{}; // what is above goes first
  for (auto* x = what; !x->settled; x = x->parent) {
    if (x->underway)
      return false;
    chain.push_back(x);
  }
  ++nesting_;
  for (std::size_t i = chain.size(); i-- > 0;)
    settle_below(chain[i], out);
  --nesting_;
  return true;
}

/// Requires that the directory it is in is settled.
void change_fold::settle_below(node* what, batch_builder& out) {
  what->underway = true;
  clear_place(what, out);
  what->underway = false;
  if (!what->existed)
    tell(event_type::create, what, out);
  else if (what->has_left())
    tell(event_type::rename, what, out);
  what->settled = true;
}

/// Makes sure nothing is in the way at the place where `newcomer` goes.
void change_fold::clear_place(node* newcomer, batch_builder& out) {
  if (newcomer->existed && !newcomer->has_left())
    return;
  auto i = gone_.find({newcomer->parent, newcomer->name});
  if (i == gone_.end() || i->second->settled || i->second->absorbed || i->second == newcomer)
    return;
  auto* old = i->second;
  if (!old->exists)
    clear_away(old, out);
  else if (!settle(old, out))
    sidestep(old, newcomer->parent, out);
}

/// Tells that a dead directory is gone, after saving what lives on from below it.
void change_fold::clear_away(node* dead, batch_builder& out) {
  auto* outside = dead->before_parent;
  while (!outside->exists)
    outside = outside->before_parent;
  auto doomed = std::vector<node*>{dead};
  for (std::size_t i = 0; i < doomed.size(); ++i)
    for (auto* x : sheltered_[doomed[i]]) {
      if (x->settled || x->before_parent != doomed[i])
        continue; // saved already
      if (!x->exists)
        doomed.push_back(x);
      else if (!settle(x, out))
        sidestep(x, outside, out);
    }
  tell_removals(std::move(doomed), out);
}

/// Moves something out of the way under a name of our own.
void change_fold::sidestep(node* what, node* into, batch_builder& out) {
  auto from = std::string{};
  append_path(what, from);
  gone_.erase({what->before_parent, what->before_name}); // nobody waits for that place any more
  what->before_parent = into;
  what->before_name = what->name + "." + std::to_string(what->order) + ".actors-swap";
  auto to = std::string{};
  append_path(what, to);
  auto step = event{};
  step.type = event_type::rename;
  step.ftype = what->ftype;
  step.from = from;
  step.path = to;
  step.time = what->time;
  out.add(step);
}

void change_fold::tell(event_type type, const node* what, batch_builder& out) {
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
    record.replaced = what->replaces;
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
  record.path = path;
  record.from = from;
  out.add(record);
}

/// Where the reader believes `what` to be, so far.
const change_fold::node* change_fold::told_parent(const node* what) {
  return !what->settled && what->has_left() ? what->before_parent : what->parent;
}

std::string_view change_fold::told_name(const node* what) {
  return !what->settled && what->has_left() ? what->before_name : what->name;
}

void change_fold::append_path(const node* what, std::string& text) {
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

void change_fold::reset() {
  now_.clear();
  gone_.clear();
  free_.clear();
  sheltered_.clear();
  pool_.clear();
  auto& root = pool_.emplace_back();
  root.existed = root.exists = root.settled = true;
  root.ftype = file_type::directory;
  held_ = 0;
  orders_ = 0;
  cached_ = nullptr;
}

} // namespace actors
