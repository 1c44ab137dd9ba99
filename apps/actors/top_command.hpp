#pragma once

#include <chrono>

#include "node_address.hpp"

namespace actors::program {

struct top_request {
  node_address where;
  std::chrono::milliseconds interval{1000};
  bool once = false;
};

/// `actors top`: shows what a node does, again and again, until q or a signal; returns the exit
/// code.
int top(const top_request& request);

} // namespace actors::program
