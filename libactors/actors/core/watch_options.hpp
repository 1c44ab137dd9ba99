#pragma once

#include <chrono>
#include <string>

namespace actors {

/// What to watch, and how.
struct watch_options {
  /// An existing directory; made absolute, but links in it are kept, so that paths are told the way
  /// the user wrote them.
  std::string path;

  /// Directories below it too.
  bool recursive = true;

  /// Tell a create, marked as initial, for everything that is there at the start.
  bool initial = false;

  /// How often directories are read that cannot be watched (see `degraded`), and how often a lost
  /// root is looked for. A second is what people wait for without asking.
  std::chrono::milliseconds poll_interval{1000};
};

} // namespace actors
