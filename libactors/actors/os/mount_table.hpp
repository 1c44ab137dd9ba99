#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// One mount, as /proc/self/mountinfo tells it (proc(5)).
struct mount_point {
  int id = 0;
  int parent = 0; ///< the mount it is mounted on; of the top one, a number that no mount has
  unsigned device_major = 0;
  unsigned device_minor = 0;
  std::string root; ///< what of its file system is mounted: "/", or the directory of a bind mount
  std::string path; ///< where, as seen from this process's root
  std::string type; ///< "ext4", ...
};

/// Reads /proc/self/mountinfo. Can be given any text; a line that makes no sense is left out.
std::vector<mount_point> parse_mountinfo(std::string_view text);

/// The mounts that a walk from "/" finds strictly below `root`, in the order of the table. Left out
/// is what another mount covers: on the same directory, or on one above.
std::vector<mount_point> mounts_below(const std::vector<mount_point>& table, std::string_view root);

/// The mount table of the mount namespace that the process was in when this was opened.
class mount_watch {
public:
  static result<mount_watch> open();

  /// Readable from the start, and again after every change, until the table is read.
  int descriptor() const { return changes_.get(); }

  /// The table as it is now. It is read in pieces, so a change meanwhile may be seen by half; then
  /// `descriptor()` is readable again.
  result<std::vector<mount_point>> read();

private:
  mount_watch(unique_fd table, unique_fd changes);

  unique_fd table_;   ///< of /proc/self/mountinfo
  unique_fd changes_; ///< epoll(7) on it
};

} // namespace actors
