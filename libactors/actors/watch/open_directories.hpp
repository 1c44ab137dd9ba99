#pragma once

#include "actors/core/path_tree.hpp"
#include "actors/os/directory.hpp"

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace actors {

/// Directories of the model, opened and proven to be the ones the model means. A handful stays open
/// while work goes on, since changes cluster; all are closed when it pauses, because an open
/// directory keeps its file system from being unmounted.
class open_directories {
public:
  explicit open_directories(const path_tree& tree) : tree_{tree} {}

  /// not_found, too, when the path leads to another directory by now. The reference is good until
  /// the next call.
  result<const directory*> open(const tree_node& node);

  void close_all() {
    by_number_.clear();
    open_.clear();
    root_.reset();
  }

private:
  result<const directory*> open_root();

  /// Enough for a build that writes to a hundred directories in turn; a quarter of what a process
  /// may open by default.
  static constexpr std::size_t open_max = 256;

  const path_tree& tree_;
  std::list<std::pair<std::uint64_t, directory>> open_; ///< by number; used last, first
  std::unordered_map<std::uint64_t, decltype(open_)::iterator> by_number_;
  std::optional<directory> root_;
};

} // namespace actors
