#pragma once

#include "actors/core/attribute_table.hpp"
#include "actors/core/intrusive_table.hpp"
#include "actors/core/time_point.hpp"
#include "actors/core/tree_node.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace actors {

/// The model of a watched tree: what the reader has been told. Names are kept once and paths not at
/// all, so that moving a directory is moving one node.
///
/// A *ghost* is a name that vanished from the disk but has not been told to be gone: its file may
/// yet turn up under another name, and then it was a rename.
class path_tree {
public:
  /// `root` is the path the names hang from, as the reader is to see it.
  explicit path_tree(std::string root);
  ~path_tree();
  path_tree(const path_tree&) = delete;
  path_tree& operator=(const path_tree&) = delete;

  tree_node& root() { return *root_; }
  const tree_node& root() const { return *root_; }
  const std::string& root_path() const { return root_path_; }
  void set_root_path(std::string path) { root_path_ = std::move(path); }

  /// Nullptr when there is none. Finds ghosts too.
  tree_node* child(const tree_node& directory, std::string_view name) const;
  tree_node* with_identity(file_identity identity) const;

  /// Calls `visit(node)` for each: a file with links, or a directory mounted twice, has several.
  /// `visit` must not change the tree.
  template <class Visitor>
  void each_with_identity(file_identity identity, Visitor visit) const {
    by_identity_.find(identity.value, [&](tree_node& x) {
      if (x.identity_ == identity)
        visit(x);
      return false;
    });
  }
  tree_node* directory(std::uint64_t number) const;

  /// Requires that the name is free.
  tree_node& create(tree_node& directory, std::string_view name, const file_facts& facts);

  void update(tree_node& node, const file_facts& facts);

  /// Requires that the name is free, and that `directory` is not below `node`. A ghost comes to
  /// life.
  void move(tree_node& node, tree_node& directory, std::string_view name);

  /// With everything below it. Not the root.
  void remove(tree_node& node);

  void make_ghost(tree_node& node, time_point until);
  void revive(tree_node& ghost);
  const std::unordered_map<tree_node*, time_point>& ghosts() const { return ghosts_; }

  /// Appends the node's full path.
  void append_path(const tree_node& node, std::string& text) const;
  std::string path_of(const tree_node& node) const;

  /// True when `node` is `directory` or below it.
  static bool is_within(const tree_node& node, const tree_node& directory);

  /// True when the node or a directory above it is a ghost.
  static bool is_lost(const tree_node& node);

  std::size_t size() const { return by_identity_.size(); }        ///< the root included
  std::size_t directories() const { return directories_.size(); } ///< the root included
  std::size_t files() const { return by_name_.size() + 1 - directories_.size(); }

private:
  struct by_name {
    static tree_node*& next(tree_node& x) { return x.next_with_name_; }
    static std::size_t hash(const tree_node& x) { return hash_of(x.parent_, x.name()); }
    static std::size_t hash_of(const tree_node* parent, std::string_view name) {
      return std::hash<std::string_view>{}(name) + reinterpret_cast<std::size_t>(parent) / 16;
    }
  };
  struct by_identity {
    static tree_node*& next(tree_node& x) { return x.next_with_identity_; }
    static std::size_t hash(const tree_node& x) { return x.identity_.value; }
  };
  struct by_number {
    using directory = tree_node::directory_part;
    static directory*& next(directory& x) { return x.next_with_number_; }
    static std::size_t hash(const directory& x) { return x.number_; }
  };

  tree_node* make(std::string_view name, const file_facts& facts);
  void set_facts(tree_node& node, const file_facts& facts);
  void link(tree_node& node, tree_node& parent);
  void unlink(tree_node& node);
  void destroy(tree_node& node);

  std::string root_path_;
  attribute_table attributes_;
  intrusive_table<tree_node, by_name> by_name_;         ///< every node but the root
  intrusive_table<tree_node, by_identity> by_identity_; ///< every node
  intrusive_table<tree_node::directory_part, by_number> directories_;
  std::unordered_map<tree_node*, time_point> ghosts_;
  std::uint64_t last_number_ = 0;
  tree_node* root_; ///< made last: it is in the tables above
};

} // namespace actors
