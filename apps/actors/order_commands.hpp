#pragma once

#include <chrono>
#include <string>

#include "node_address.hpp"

namespace actors::program {

/// `actors reset CHILD`: starts a failed child again; returns the exit code.
int reset(const node_address& where, const std::string& child);

/// `actors reload`: has the node read its configuration again; returns the exit code.
int reload(const node_address& where);

struct stop_request {
  node_address where;
  bool wait = false; ///< until nobody answers any more
};

/// `actors stop`: begins the orderly stop; returns the exit code.
int stop(const stop_request& request);

} // namespace actors::program
