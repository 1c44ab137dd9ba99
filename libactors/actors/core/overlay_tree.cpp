#include "actors/core/overlay_tree.hpp"

#include <algorithm>

namespace actors {

namespace {

std::string_view directory_part(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

} // namespace

std::string_view name_part(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

overlay_node* overlay_tree::directory_of(std::string_view path) {
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
      next = make(where, name, origin::was_there);
    if (next->ftype != file_type::directory)
      set_type(next, file_type::directory);
    ++touched_;
    where = next;
  }
  cached_path_ = directory;
  cached_ = where;
  return where;
}

overlay_node* overlay_tree::at(const overlay_node* directory, std::string_view name) const {
  auto i = now_.find({directory, name});
  return i == now_.end() ? nullptr : i->second;
}

overlay_node* overlay_tree::known_at(std::string_view path) {
  auto* directory = directory_of(path);
  const auto name = name_part(path);
  if (auto* found = at(directory, name))
    return found;
  if (!directory->existed || gone_from(directory, name) != nullptr)
    return nullptr;
  return make(directory, name, origin::was_there);
}

overlay_node* overlay_tree::gone_from(const overlay_node* directory, std::string_view name) const {
  auto i = gone_.find({directory, name});
  return i == gone_.end() ? nullptr : i->second;
}

overlay_node* overlay_tree::make(overlay_node* directory, std::string_view name, origin from) {
  overlay_node* fresh = nullptr;
  if (free_.empty()) {
    fresh = &pool_.emplace_back();
  } else {
    fresh = free_.back();
    free_.pop_back();
    *fresh = {};
  }
  fresh->existed =
    from == origin::was_there && directory->existed; // nothing was there before in a new directory
  fresh->exists = true;
  fresh->order = ++orders_;
  ++held_;
  put(fresh, directory, name);
  return fresh;
}

void overlay_tree::move(overlay_node* what, overlay_node* directory, std::string_view name) {
  leave(what);
  put(what, directory, name);
}

std::vector<overlay_node*> overlay_tree::kill(overlay_node* what) {
  auto gone = std::vector<overlay_node*>{};
  for (auto* x = what;;) { // no recursion: a tree may be very deep
    while (x->first_child != nullptr)
      x = x->first_child;
    auto* const up = x->parent;
    if (x->existed)
      gone.push_back(x);
    end(x);
    if (x == what)
      return gone;
    x = up;
  }
}

void overlay_tree::set_identity(overlay_node* what, std::uint64_t identity) {
  delist(what);
  what->identity = identity;
  enlist(what);
}

void overlay_tree::set_type(overlay_node* what, file_type ftype) {
  delist(what);
  what->ftype = ftype;
  enlist(what);
}

overlay_node* overlay_tree::gone_with(std::uint64_t identity, file_type ftype) const {
  auto i = alike_gone_.find({identity, ftype});
  return i == alike_gone_.end() ? nullptr : i->second;
}

overlay_node* overlay_tree::new_with(std::uint64_t identity, file_type ftype) const {
  auto i = alike_new_.find({identity, ftype});
  return i == alike_new_.end() ? nullptr : i->second;
}

void overlay_tree::revive(overlay_node* gone, overlay_node* directory, std::string_view name) {
  delist(gone);
  gone->exists = true;
  put(gone, directory, name);
}

void overlay_tree::revive_as(overlay_node* gone, overlay_node* other) {
  auto* const directory = other->parent;
  const auto name = other->name;
  auto inside = std::vector<overlay_node*>{};
  while (other->first_child != nullptr) {
    inside.push_back(other->first_child);
    leave(other->first_child);
  }
  end(other);
  revive(gone, directory, name);
  for (auto* child : inside)
    put(child, gone, std::string{child->name});
}

void overlay_tree::exchange_places(overlay_node* a, overlay_node* b) {
  auto* const a_parent = a->parent;
  auto* const b_parent = b->parent;
  const auto a_name = a->name;
  const auto b_name = b->name;
  leave(a);
  leave(b);
  put(a, b_parent, b_name);
  put(b, a_parent, a_name);
}

/// Only those that a later record may turn out to speak of.
void overlay_tree::enlist(overlay_node* what) {
  if (what->identity == 0 || what->ftype == file_type::unknown || what->exists == what->existed)
    return;
  what->listed_as = what->ftype;
  auto& first = listings_of(what)[{what->identity, what->ftype}];
  what->previous_alike = nullptr;
  what->next_alike = first;
  if (first != nullptr)
    first->previous_alike = what;
  first = what;
}

/// What it is listed by must not have changed.
void overlay_tree::delist(overlay_node* what) {
  if (what->listed_as == file_type::unknown)
    return;
  ++touched_;
  if (what->next_alike != nullptr)
    what->next_alike->previous_alike = what->previous_alike;
  if (what->previous_alike != nullptr)
    what->previous_alike->next_alike = what->next_alike;
  else if (what->next_alike != nullptr)
    listings_of(what)[{what->identity, what->listed_as}] = what->next_alike;
  else
    listings_of(what).erase({what->identity, what->listed_as});
  what->listed_as = file_type::unknown;
  what->next_alike = what->previous_alike = nullptr;
}

/// Requires that nothing is in it.
void overlay_tree::end(overlay_node* what) {
  leave(what);
  delist(what);
  what->exists = false;
  if (what->existed) {
    enlist(what);
  } else { // it came and went: nobody will ask
    --held_;
    free_.push_back(what);
  }
}

void overlay_tree::forget_place(const overlay_node* what) {
  gone_.erase({what->before_parent, what->before_name});
}

std::vector<overlay_node*> overlay_tree::in_order() {
  auto nodes = std::vector<overlay_node*>{};
  nodes.reserve(held_);
  for (auto& x : pool_)
    if (&x != &pool_.front() && (x.exists || x.existed))
      nodes.push_back(&x);
  std::sort(nodes.begin(), nodes.end(),
    [](const overlay_node* a, const overlay_node* b) { return a->order < b->order; });
  return nodes;
}

void overlay_tree::put(overlay_node* what, overlay_node* directory, std::string_view name) {
  ++touched_;
  what->parent = directory;
  what->name = name;
  now_[{directory, what->name}] = what;
  what->previous_sibling = nullptr;
  what->next_sibling = directory->first_child;
  if (what->next_sibling != nullptr)
    what->next_sibling->previous_sibling = what;
  directory->first_child = what;
  if (what->has_left() && what->before_parent == directory && what->before_name == name) {
    gone_.erase({directory, what->before_name}); // back where it was
    what->before_parent = nullptr;
    what->before_name.clear();
  }
}

void overlay_tree::leave(overlay_node* what) {
  ++touched_;
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

void overlay_tree::clear() {
  now_.clear();
  gone_.clear();
  alike_gone_.clear();
  alike_new_.clear();
  free_.clear();
  pool_.clear();
  auto& root = pool_.emplace_back();
  root.existed = root.exists = root.settled = true;
  root.ftype = file_type::directory;
  held_ = 0;
  orders_ = 0;
  cached_ = nullptr;
}

} // namespace actors
