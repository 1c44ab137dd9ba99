#pragma once

#include "actors/core/path_tree.hpp"
#include "actors/os/change_source.hpp"
#include "actors/os/directory.hpp"
#include "actors/watch/told_tree.hpp"

#include <vector>

namespace actors {

/// The watches on the directories of the model.
class watch_table {
public:
  watch_table(change_source& source, const path_tree& tree) : source_{source}, tree_{tree} {}

  /// Watches `where`, which must be open on the very directory `node` stands for.
  result<void> add(tree_node& node, const directory& where) {
    auto watch = source_.watch(where, change_source::interest::everything);
    if (!watch)
      return tl::unexpected{watch.error()};
    node.set_watch(*watch);
    return {};
  }

  /// Lets go of watches whose directories have left the model. A directory that left it under one
  /// name and came back under another has the watch it had: that one stays.
  void drop(const std::vector<told_tree::dropped_watch>& dropped) {
    for (const auto& [watch, directory] : dropped)
      if (tree_.with_identity(directory) == nullptr)
        source_.unwatch(watch);
  }

  void remove(tree_node& node) {
    if (node.watch() >= 0)
      source_.unwatch(node.watch());
    node.set_watch(-1);
  }

private:
  change_source& source_;
  const path_tree& tree_;
};

} // namespace actors
