#pragma once

#include "actors/core/file_facts.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace actors {

/// One file or directory of the model. Made and changed by `path_tree` alone, but for the notes
/// that a watcher keeps on it.
///
/// There are millions of them, so they are packed: the name lies behind the node, attributes are
/// shared, and only directories have what only directories need. A file with a name of up to 15
/// bytes takes 112 bytes of the heap, a directory 144 (glibc).
class tree_node {
public:
  tree_node(const tree_node&) = delete;
  tree_node& operator=(const tree_node&) = delete;

  tree_node* parent() const { return parent_; } ///< nullptr: the root
  tree_node* next_sibling() const { return next_sibling_; }
  tree_node* first_child() const;

  std::string_view name() const { return {name_text(), name_size_}; }
  const char* name_text() const; ///< the same, with a NUL at its end

  file_facts facts() const { return {identity_, ftype_, *attributes_, size_, modified_, changed_}; }
  file_identity identity() const { return identity_; }
  file_type ftype() const { return ftype_; }
  const file_attributes& attributes() const { return *attributes_; }
  std::uint64_t size() const { return size_; }
  std::int64_t modified() const { return modified_; }
  std::int64_t changed() const { return changed_; }
  bool is_directory() const { return ftype_ == file_type::directory; }
  bool is_ghost() const { return is_ghost_; }

  /// Of a directory: never used again, unlike its address. Files: 0.
  std::uint64_t number() const;

  // -- the watcher's notes --

  std::uint32_t seen = 0; ///< the scan that met it last

  /// It is from before this process, and which file it was cannot be told any more.
  static constexpr std::uint32_t never_seen = UINT32_MAX;

  /// The reader is not told of it: it is here for what is below it.
  bool is_silent() const { return is_silent_; }
  void set_silent(bool x) { is_silent_ = x; }

  /// It was gone before a write that the kernel told of was looked at: within a tick of the clock
  /// that leaves size and time as they were.
  bool has_unseen_write() const { return has_unseen_write_; }
  void set_unseen_write(bool x) { has_unseen_write_ = x; }

  /// Of a directory: what the kernel calls it; -1: it is not watched.
  int watch() const;
  void set_watch(int x);

private:
  friend class path_tree;
  struct directory_part;

  tree_node() = default;
  static tree_node* make(std::string_view name, file_type ftype);
  static void destroy(tree_node* node);
  void set_name(std::string_view name);
  directory_part& as_directory();
  const directory_part& as_directory() const;
  char* room_for_name();
  const char* room_for_name() const;

  tree_node* parent_ = nullptr;
  tree_node* next_sibling_ = nullptr;
  tree_node* previous_sibling_ = nullptr;
  tree_node* next_with_name_ = nullptr;
  tree_node* next_with_identity_ = nullptr;
  file_identity identity_;
  std::uint64_t size_ = 0;
  std::int64_t modified_ = 0;
  std::int64_t changed_ = 0;
  const file_attributes* attributes_ = nullptr; ///< in the tree's table
  file_type ftype_ = file_type::unknown;
  bool is_ghost_ : 1 = false;
  bool is_silent_ : 1 = false;
  bool has_unseen_write_ : 1 = false;
  bool name_is_elsewhere_ : 1 = false; ///< it grew: behind the node stands a pointer to it
  std::uint8_t name_room_ = 0;         ///< bytes behind the node, less one
  std::uint8_t name_size_ = 0;         ///< NAME_MAX is 255 on every file system of Linux
};

/// What only directories have.
struct tree_node::directory_part : tree_node {
  tree_node* first_child_ = nullptr;
  directory_part* next_with_number_ = nullptr;
  std::uint64_t number_ = 0;
  int watch_ = -1;
};

inline tree_node::directory_part& tree_node::as_directory() {
  return static_cast<directory_part&>(*this);
}
inline const tree_node::directory_part& tree_node::as_directory() const {
  return static_cast<const directory_part&>(*this);
}
inline tree_node* tree_node::first_child() const {
  return is_directory() ? as_directory().first_child_ : nullptr;
}
inline std::uint64_t tree_node::number() const {
  return is_directory() ? as_directory().number_ : 0;
}
inline int tree_node::watch() const {
  return is_directory() ? as_directory().watch_ : -1;
}
inline void tree_node::set_watch(int x) {
  as_directory().watch_ = x;
}

} // namespace actors
