#pragma once

#include "actors/runtime/log.hpp"

#include <string>

namespace actors::program {

/// `actors run`, as it was asked for on the command line.
struct run_request {
  std::string config;                  ///< the file; read again at SIGHUP
  log_level log_min = log_level::info; ///< a service tells its service manager what it does
  log_format logs = log_format::text;
};

/// Runs every pipeline of the configuration until stopped; returns the exit code.
int run(const run_request& request);

} // namespace actors::program
