#pragma once

#include <string>
#include <vector>

namespace actors {

/// Where a batch was made, when that is not here: whose records and numbers it has.
struct batch_origin {
  std::string node;               ///< its name
  std::string pipeline;           ///< its name, there
  std::string stream;             ///< with it, the numbers of the records are like no others
  std::vector<std::string> roots; ///< what that pipeline watches, if it says so

  friend bool operator==(const batch_origin&, const batch_origin&) = default;
};

} // namespace actors
