#pragma once

#include "actors/core/path_tree.hpp"
#include "actors/core/time_point.hpp"
#include "actors/os/directory.hpp"

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace actors {

/// Directories of the model, opened and proven to be the ones the model means. A handful stays open
/// while work goes on, since changes cluster. An open directory keeps its file system from being
/// unmounted, so one that was not needed for a moment is closed, and all are when work pauses.
class open_directories {
public:
  open_directories(const path_tree& tree, link_policy links) : tree_{tree}, links_{links} {}

  /// not_found, too, when the path leads to another directory by now. The pointer is good until
  /// the next call.
  result<const directory*> open(const tree_node& node);

  /// The same, for the caller to keep.
  result<directory> open_alone(const tree_node& node);

  /// Closes what was not used since the call before, if that was long enough ago.
  void close_idle(time_point now);

  void close_all() {
    by_number_.clear();
    open_.clear();
    root_.reset();
  }

private:
  struct entry {
    std::uint64_t number;
    actors::directory directory;
    bool used = true; ///< since `close_idle`
  };

  result<const directory*> open_root();

  /// Enough for a build that writes to a hundred directories in turn; a quarter of what a process
  /// may open by default.
  static constexpr std::size_t open_max = 256;

  /// umount(8) is tried again by people and by systemd, not within this time.
  static constexpr auto idle_max = std::chrono::milliseconds{20};

  const path_tree& tree_;
  link_policy links_;
  std::list<entry> open_; ///< used last, first
  std::unordered_map<std::uint64_t, std::list<entry>::iterator> by_number_;
  std::optional<directory> root_;
  time_point closed_at_{};
};

} // namespace actors
