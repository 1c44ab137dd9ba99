#pragma once

#include "actors/core/emitter_options.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/factory.hpp"
#include "actors/protocol/sink.hpp"
#include "actors/runtime/log.hpp"
#include "actors/sinks/stream_name.hpp"

#include <string>

namespace actors {

/// Where an emitter stands, for what it tells others.
struct emitter_place {
  std::string node;
  std::string pipeline;
  log_function log;
  stream_name stream{}; ///< for receivers that are to know what they are given twice; none: its own
};

/// What makes the library's sink of these options. Errors: invalid_argument, and what is wrong with
/// this machine (a directory that is not there, ...).
result<factory<sink>> make_emitter(const emitter_options& what, const emitter_place& where);

} // namespace actors
