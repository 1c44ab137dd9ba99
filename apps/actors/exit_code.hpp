#pragma once

#include "actors/protocol/error.hpp"

namespace actors::program {

/// What the program ends with (docs/interface.md). 64 and up are those of sysexits.h.
enum exit_code : int {
  stopped_as_asked = 0,
  run_time_error = 1, ///< or a child was abandoned at the stop
  timed_out = 2,
  root_lost = 3,
  usage = 64,
  no_such_path = 66,
  pipeline_failed = 70,
  no_permission = 77,
  bad_config = 78,
};

inline exit_code exit_code_of(errc code) {
  switch (code) {
    case errc::invalid_argument: return usage;
    case errc::not_found:
    case errc::not_a_directory: return no_such_path;
    case errc::permission_denied: return no_permission;
    default: return run_time_error;
  }
}

} // namespace actors::program
