#pragma once

#include "actors/core/path_tree.hpp"
#include "actors/os/change_source.hpp"
#include "actors/os/directory.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace actors {

/// Which kernel watch belongs to which directory of the model, for one queue.
class watch_table {
public:
  explicit watch_table(change_source& source) : source_{source} {}

  /// Watches `where`, which must be open on the very directory `node` stands for.
  result<void> add(tree_node& node, const directory& where) {
    auto watch = source_.watch(where);
    if (!watch)
      return tl::unexpected{watch.error()};
    if (node.watch >= 0 && node.watch != *watch)
      directories_.erase(node.watch);
    node.watch = *watch;
    directories_[*watch] = node.number;
    return {};
  }

  /// The node of the watched directory; nullptr when the watch or the directory is gone.
  tree_node* directory_of(int watch, const path_tree& tree) const {
    auto i = directories_.find(watch);
    return i == directories_.end() ? nullptr : tree.directory(i->second);
  }

  /// The kernel says that the watch is gone.
  void forget(int watch, const path_tree& tree) {
    if (auto* node = directory_of(watch, tree); node != nullptr && node->watch == watch)
      node->watch = -1;
    directories_.erase(watch);
  }

  /// Lets go of watches whose directories have left the model. A directory that left it under one
  /// name and came back under another has the watch it had: that one stays.
  void drop(const std::vector<int>& watches, const path_tree& tree) {
    for (auto watch : watches)
      if (directory_of(watch, tree) == nullptr)
        remove(watch);
  }

  void remove(int watch) {
    if (directories_.erase(watch) != 0)
      source_.unwatch(watch);
  }

  std::size_t size() const { return directories_.size(); }

private:
  change_source& source_;
  std::unordered_map<int, std::uint64_t> directories_; ///< by watch, the number of the node
};

} // namespace actors
