#include "actors/core/path_tree.hpp"

#include <cassert>
#include <utility>
#include <vector>

namespace actors {

path_tree::path_tree(std::string root) : root_path_{std::move(root)}, root_{new tree_node} {
  root_->facts.ftype = file_type::directory;
  root_->number = ++last_number_;
  directories_[root_->number] = root_;
  by_identity_.insert(*root_);
}

path_tree::~path_tree() {
  while (root_->first_child != nullptr)
    remove(*root_->first_child);
  delete root_;
}

tree_node* path_tree::child(const tree_node& directory, std::string_view name) const {
  return by_name_.find(by_name::hash_of(&directory, name),
    [&](const tree_node& x) { return x.parent == &directory && x.name == name; });
}

tree_node* path_tree::with_identity(const file_identity& identity) const {
  return by_identity_.find(
    identity.low, [&](const tree_node& x) { return x.facts.identity == identity; });
}

tree_node* path_tree::directory(std::uint64_t number) const {
  auto i = directories_.find(number);
  return i == directories_.end() ? nullptr : i->second;
}

tree_node& path_tree::create(tree_node& directory, std::string_view name, const file_facts& facts) {
  assert(directory.is_directory() && child(directory, name) == nullptr);
  auto* node = new tree_node;
  node->name = name;
  node->facts = facts;
  if (node->is_directory()) {
    node->number = ++last_number_;
    directories_[node->number] = node;
  }
  link(*node, directory);
  by_identity_.insert(*node);
  return *node;
}

void path_tree::update(tree_node& node, const file_facts& facts) {
  assert(facts.ftype == node.facts.ftype);
  if (facts.identity == node.facts.identity) {
    node.facts = facts;
    return;
  }
  by_identity_.erase(node);
  node.facts = facts;
  by_identity_.insert(node);
}

void path_tree::move(tree_node& node, tree_node& directory, std::string_view name) {
  assert(child(directory, name) == nullptr && !is_within(directory, node));
  if (node.is_ghost)
    revive(node);
  unlink(node);
  node.name = name;
  link(node, directory);
}

void path_tree::remove(tree_node& node) {
  auto doomed = std::vector<tree_node*>{&node};
  for (std::size_t i = 0; i < doomed.size(); ++i) // no recursion: a tree may be very deep
    for (auto* x = doomed[i]->first_child; x != nullptr; x = x->next_sibling)
      doomed.push_back(x);
  unlink(node);
  for (std::size_t i = doomed.size(); i-- > 0;) {
    if (doomed[i] != &node)
      by_name_.erase(*doomed[i]);
    destroy(*doomed[i]);
  }
}

void path_tree::make_ghost(tree_node& node, time_point until) {
  node.is_ghost = true;
  ghosts_[&node] = until;
}

void path_tree::revive(tree_node& ghost) {
  ghost.is_ghost = false;
  ghosts_.erase(&ghost);
}

void path_tree::append_path(const tree_node& node, std::string& text) const {
  auto length = root_path_.size();
  for (const auto* x = &node; x->parent != nullptr; x = x->parent)
    length += 1 + x->name.size();
  if (root_path_ == "/" && node.parent != nullptr)
    --length; // the root's own slash is the first name's
  auto end = text.size() + length;
  text.resize(end); // filled from the back: no list of ancestors, no allocation but this
  for (const auto* x = &node; x->parent != nullptr; x = x->parent) {
    end -= x->name.size();
    x->name.copy(text.data() + end, x->name.size());
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
  for (const auto* x = &node; x != nullptr; x = x->parent)
    if (x == &directory)
      return true;
  return false;
}

bool path_tree::is_lost(const tree_node& node) {
  for (const auto* x = &node; x != nullptr; x = x->parent)
    if (x->is_ghost)
      return true;
  return false;
}

void path_tree::link(tree_node& node, tree_node& parent) {
  node.parent = &parent;
  node.previous_sibling = nullptr;
  node.next_sibling = parent.first_child;
  if (node.next_sibling != nullptr)
    node.next_sibling->previous_sibling = &node;
  parent.first_child = &node;
  by_name_.insert(node);
}

void path_tree::unlink(tree_node& node) {
  by_name_.erase(node);
  if (node.previous_sibling != nullptr)
    node.previous_sibling->next_sibling = node.next_sibling;
  else
    node.parent->first_child = node.next_sibling;
  if (node.next_sibling != nullptr)
    node.next_sibling->previous_sibling = node.previous_sibling;
}

void path_tree::destroy(tree_node& node) {
  by_identity_.erase(node);
  if (node.is_directory())
    directories_.erase(node.number);
  if (node.is_ghost)
    ghosts_.erase(&node);
  delete &node;
}

} // namespace actors
