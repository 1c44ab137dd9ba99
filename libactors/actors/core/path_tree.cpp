#include "actors/core/path_tree.hpp"

#include <cassert>
#include <utility>
#include <vector>

namespace actors {

path_tree::path_tree(std::string root)
  : root_path_{std::move(root)}, root_{make({}, {.ftype = file_type::directory})} {}

path_tree::~path_tree() {
  while (root_->first_child() != nullptr)
    remove(*root_->first_child());
  destroy(*root_);
}

tree_node* path_tree::child(const tree_node& directory, std::string_view name) const {
  return by_name_.find(by_name::hash_of(&directory, name),
    [&](const tree_node& x) { return x.parent_ == &directory && x.name() == name; });
}

tree_node* path_tree::with_identity(file_identity identity) const {
  return by_identity_.find(
    identity.value, [&](const tree_node& x) { return x.identity_ == identity; });
}

tree_node* path_tree::directory(std::uint64_t number) const {
  return directories_.find(
    number, [&](const tree_node::directory_part& x) { return x.number_ == number; });
}

tree_node& path_tree::create(tree_node& directory, std::string_view name, const file_facts& facts) {
  assert(directory.is_directory() && child(directory, name) == nullptr);
  auto* node = make(name, facts);
  link(*node, directory);
  return *node;
}

tree_node* path_tree::make(std::string_view name, const file_facts& facts) {
  auto* node = tree_node::make(name, facts.ftype);
  set_facts(*node, facts);
  by_identity_.insert(*node);
  if (node->is_directory()) {
    node->as_directory().number_ = ++last_number_;
    directories_.insert(node->as_directory());
  }
  return node;
}

void path_tree::update(tree_node& node, const file_facts& facts) {
  assert(facts.ftype == node.ftype_);
  const auto is_another = facts.identity != node.identity_;
  if (is_another)
    by_identity_.erase(node);
  set_facts(node, facts);
  if (is_another)
    by_identity_.insert(node);
}

void path_tree::set_facts(tree_node& node, const file_facts& facts) {
  const auto* before = node.attributes_;
  if (before == nullptr || *before != facts.attributes) {
    node.attributes_ = attributes_.take(facts.attributes);
    if (before != nullptr)
      attributes_.let_go(before);
  }
  node.identity_ = facts.identity;
  node.size_ = facts.size;
  node.modified_ = facts.modified;
  node.changed_ = facts.changed;
}

void path_tree::move(tree_node& node, tree_node& directory, std::string_view name) {
  assert(child(directory, name) == nullptr && !is_within(directory, node));
  if (node.is_ghost_)
    revive(node);
  unlink(node);
  node.set_name(name);
  link(node, directory);
}

void path_tree::remove(tree_node& node) {
  auto doomed = std::vector<tree_node*>{&node};
  for (std::size_t i = 0; i < doomed.size(); ++i) // no recursion: a tree may be very deep
    for (auto* x = doomed[i]->first_child(); x != nullptr; x = x->next_sibling_)
      doomed.push_back(x);
  unlink(node);
  for (std::size_t i = doomed.size(); i-- > 0;) {
    if (doomed[i] != &node)
      by_name_.erase(*doomed[i]);
    destroy(*doomed[i]);
  }
}

void path_tree::make_ghost(tree_node& node, time_point until) {
  node.is_ghost_ = true;
  ghosts_[&node] = until;
}

void path_tree::revive(tree_node& ghost) {
  ghost.is_ghost_ = false;
  ghosts_.erase(&ghost);
}

void path_tree::append_path(const tree_node& node, std::string& text) const {
  auto length = root_path_.size();
  for (const auto* x = &node; x->parent_ != nullptr; x = x->parent_)
    length += 1 + x->name_size_;
  if (root_path_ == "/" && node.parent_ != nullptr)
    --length; // the root's own slash is the first name's
  auto end = text.size() + length;
  text.resize(end); // filled from the back: no list of ancestors, no allocation but this
  for (const auto* x = &node; x->parent_ != nullptr; x = x->parent_) {
    end -= x->name_size_;
    x->name().copy(text.data() + end, x->name_size_);
    text[--end] = '/';
  }
  root_path_.copy(text.data() + text.size() - length, end - (text.size() - length));
}

std::string path_tree::path_of(const tree_node& node) const {
  auto text = std::string{};
  append_path(node, text);
  return text;
}

bool path_tree::is_within(const tree_node& node, const tree_node& directory) {
  for (const auto* x = &node; x != nullptr; x = x->parent_)
    if (x == &directory)
      return true;
  return false;
}

bool path_tree::is_lost(const tree_node& node) {
  for (const auto* x = &node; x != nullptr; x = x->parent_)
    if (x->is_ghost_)
      return true;
  return false;
}

void path_tree::link(tree_node& node, tree_node& parent) {
  auto*& first = parent.as_directory().first_child_;
  node.parent_ = &parent;
  node.previous_sibling_ = nullptr;
  node.next_sibling_ = first;
  if (first != nullptr)
    first->previous_sibling_ = &node;
  first = &node;
  by_name_.insert(node);
}

void path_tree::unlink(tree_node& node) {
  by_name_.erase(node);
  if (node.previous_sibling_ != nullptr)
    node.previous_sibling_->next_sibling_ = node.next_sibling_;
  else
    node.parent_->as_directory().first_child_ = node.next_sibling_;
  if (node.next_sibling_ != nullptr)
    node.next_sibling_->previous_sibling_ = node.previous_sibling_;
}

void path_tree::destroy(tree_node& node) {
  by_identity_.erase(node);
  if (node.is_directory())
    directories_.erase(node.as_directory());
  if (node.is_ghost_)
    ghosts_.erase(&node);
  attributes_.let_go(node.attributes_);
  tree_node::destroy(&node);
}

} // namespace actors
