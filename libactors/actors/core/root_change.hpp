#pragma once

#include <cstdint>
#include <string>

namespace actors {

/// What a pipeline that comes of a configuration watches, changed while it runs.
struct root_change {
  /// What becomes of the path.
  enum class action : std::uint8_t {
    watch,   ///< the path too
    unwatch, ///< the path no more
  };

  std::string pipeline;        ///< its name
  action what = action::watch; ///< one of them
  std::string path;            ///< absolute
};

} // namespace actors
