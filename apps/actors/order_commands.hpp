#pragma once

#include <chrono>
#include <string>

#include "node_address.hpp"

namespace actors::program {

/// `actors reset CHILD`: starts a failed child again; returns the exit code.
int reset(const node_address& where, const std::string& child);

/// `actors reload`: has the node read its configuration again; returns the exit code.
int reload(const node_address& where);

struct root_request {
  node_address where;
  std::string pipeline;
  std::string path;
};

/// `actors add PIPELINE PATH`: has a pipeline watch one path more; returns the exit code.
int add_root(const root_request& request);

/// `actors remove PIPELINE PATH`: has it watch one path less; returns the exit code.
int remove_root(const root_request& request);

struct stop_request {
  node_address where;
  bool wait = false; ///< until nobody answers any more
};

/// `actors stop`: begins the orderly stop; returns the exit code.
int stop(const stop_request& request);

} // namespace actors::program
