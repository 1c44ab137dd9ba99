#pragma once

#include <chrono>
#include <cstddef>

namespace actors {

/// How long changes are held back, and how many.
struct debounce_limits {
  /// Long enough to fold an editor's write-rename-chmod burst and the files of one build step,
  /// short enough that a person hardly notices the wait. 0: no debouncing, changes pass as they
  /// come.
  std::chrono::milliseconds quiet{300};

  /// A tree written to without pause must still be reported. Ten times `quiet`.
  std::chrono::milliseconds hold_max{3000};

  /// Bounds memory: a held path costs some 300 bytes, so 20 MB when full. Then the window is handed
  /// on early.
  std::size_t paths_max = 65'536;

  friend bool operator==(const debounce_limits&, const debounce_limits&) = default;
};

} // namespace actors
