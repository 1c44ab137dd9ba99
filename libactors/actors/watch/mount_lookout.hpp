#pragma once

#include "actors/os/mount_table.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace actors {

/// Notices what is mounted and unmounted below a root.
class mount_lookout {
public:
  /// `root` as the user wrote it; it may not exist yet.
  explicit mount_lookout(std::string root);

  /// Readable when the mount table changed; -1 when it cannot be watched (no /proc).
  int descriptor() const { return watch_ ? watch_->descriptor() : -1; }

  /// Why it cannot be watched; empty when it can.
  const std::string& failure_text() const { return failure_; }

  struct change {
    enum class kind { mounted, unmounted } what;
    std::string path; ///< the way to it as the user wrote the root
    std::string type; ///< of the file system
  };

  /// What changed since the last call; the first call tells nothing.
  std::vector<change> take_changes();

  /// What is mounted below the root, as the user would write it.
  std::vector<std::string> paths() const {
    auto all = std::vector<std::string>{};
    for (const auto& [path, x] : mounts_)
      all.push_back(path);
    return all;
  }

private:
  std::string root_;
  std::optional<mount_watch> watch_;
  std::string failure_;
  std::map<std::string, mount_point> mounts_; ///< by path, as the user would write it
  bool knows_ = false;
};

} // namespace actors
