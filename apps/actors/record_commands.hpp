#pragma once

#include <cstdint>
#include <string>

#include "node_address.hpp"

namespace actors::program {

struct tap_request {
  node_address where;
  std::string edges;     ///< a pattern, as in .gitignore
  std::uint64_t max = 0; ///< 0: until stopped
};

/// `actors tap`: prints what flows over edges, as NDJSON; returns the exit code.
int tap(const tap_request& request);

struct events_request {
  node_address where;
  bool follow = false;
  bool json = false;
};

/// `actors events`: prints what supervisors and children told; returns the exit code.
int events(const events_request& request);

} // namespace actors::program
