#pragma once

#include <string>

namespace actors::program {

struct status_request {
  std::string admin; ///< empty: every node of this user
  bool json = false;
};

/// `actors status`: prints the health of running nodes; returns the exit code.
int status(const status_request& request);

} // namespace actors::program
