#pragma once

#include "actors/core/event.hpp"
#include "actors/core/intrusive_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace actors {

/// Which file it is, whatever its name: a digest of the kernel's file handle. (An inode number is
/// not an identity: ext4 reused it at once in 199 of 200 delete/create pairs.)
struct file_identity {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  explicit operator bool() const { return high != 0 || low != 0; }
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// What one look at a name tells.
struct file_facts {
  file_identity identity;
  file_type ftype = file_type::unknown;
  std::uint32_t mode = 0; ///< permission bits
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  std::uint32_t links = 0;
  std::uint64_t size = 0;    ///< of files; 0 otherwise
  std::int64_t modified = 0; ///< mtime, nanoseconds since the epoch
  std::int64_t changed = 0;  ///< ctime, the same
};

/// One file or directory of the model. Made and changed by `path_tree` alone.
struct tree_node {
  tree_node* parent = nullptr; ///< nullptr: the root
  tree_node* first_child = nullptr;
  tree_node* next_sibling = nullptr;
  tree_node* previous_sibling = nullptr;
  tree_node* next_with_name = nullptr;
  tree_node* next_with_identity = nullptr;
  std::string name;
  file_facts facts;
  std::uint64_t number = 0; ///< of a directory: never used again, unlike its address. Files: 0
  std::uint32_t seen = 0;   ///< the scan that met it last
  int watch = -1;           ///< of a directory: what the kernel calls it
  bool is_ghost = false;

  bool is_directory() const { return facts.ftype == file_type::directory; }
};

/// The model of a watched tree: what the reader has been told. Names are kept once and paths not at
/// all, so that moving a directory is moving one node.
///
/// A *ghost* is a name that vanished from the disk but has not been told to be gone: its file may
/// yet turn up under another name, and then it was a rename.
class path_tree {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `root` is the path the names hang from, as the reader is to see it.
  explicit path_tree(std::string root);
  ~path_tree();
  path_tree(const path_tree&) = delete;
  path_tree& operator=(const path_tree&) = delete;

  tree_node& root() { return *root_; }
  const tree_node& root() const { return *root_; }
  const std::string& root_path() const { return root_path_; }

  /// Nullptr when there is none. Finds ghosts too.
  tree_node* child(const tree_node& directory, std::string_view name) const;
  tree_node* with_identity(const file_identity& identity) const;
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

  std::size_t directories() const { return directories_.size(); } ///< the root included
  std::size_t files() const { return by_name_.size() + 1 - directories_.size(); }

private:
  struct by_name {
    static tree_node*& next(tree_node& x) { return x.next_with_name; }
    static std::size_t hash(const tree_node& x) { return hash_of(x.parent, x.name); }
    static std::size_t hash_of(const tree_node* parent, std::string_view name) {
      return std::hash<std::string_view>{}(name) + reinterpret_cast<std::size_t>(parent) / 16;
    }
  };
  struct by_identity {
    static tree_node*& next(tree_node& x) { return x.next_with_identity; }
    static std::size_t hash(const tree_node& x) { return x.facts.identity.low; }
  };

  void link(tree_node& node, tree_node& parent);
  void unlink(tree_node& node);
  void destroy(tree_node& node);

  std::string root_path_;
  tree_node* root_;
  intrusive_table<tree_node, by_name> by_name_;         ///< every node but the root
  intrusive_table<tree_node, by_identity> by_identity_; ///< every node
  std::unordered_map<std::uint64_t, tree_node*> directories_;
  std::unordered_map<tree_node*, time_point> ghosts_;
  std::uint64_t last_number_ = 0;
};

} // namespace actors
