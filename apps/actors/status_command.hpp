#pragma once

#include "node_address.hpp"

namespace actors::program {

struct status_request {
  node_address where;
  bool json = false;
};

/// `actors status`: prints the health of running nodes; returns the exit code.
int status(const status_request& request);

/// `actors tree`: who supervises whom, and how everybody is; returns the exit code.
int tree(const node_address& where);

} // namespace actors::program
