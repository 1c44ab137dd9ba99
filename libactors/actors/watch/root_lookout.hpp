#pragma once

#include "actors/core/file_facts.hpp"
#include "actors/os/change_source.hpp"

#include <string>
#include <vector>

namespace actors {

/// Watches the directories above a root, and those that links on the way to it lead through, for
/// the names that lead to it: so a root that is moved with what it is in, replaced by a switch of a
/// link (`current -> releases/42`), or made at last, is noticed at once. Without watches (a backend
/// that polls) the root is looked for in intervals.
class root_lookout {
public:
  /// Watches each directory above `root` that is there. To be called again when one of them has
  /// changed.
  void watch(change_source& source, const std::string& root);

  /// Whether the record is about a name on the way to the root.
  bool concerns(const kernel_record& record) const;

private:
  struct post {
    file_identity directory;
    int watch;
    std::string name; ///< in it, the next one on the way
  };

  std::vector<post> posts_;
};

} // namespace actors
