#pragma once

#include <string>

namespace actors {

/// One more child of a pool.
struct worker {
  std::string id;     ///< new to the pool: 1 to 64 letters, digits, '-' or '_'
  std::string args{}; ///< for the factory
};

} // namespace actors
