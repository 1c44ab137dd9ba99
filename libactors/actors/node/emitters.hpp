#pragma once

#include "actors/core/emitter_options.hpp"
#include "actors/node/node_network.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/factory.hpp"
#include "actors/protocol/sink.hpp"
#include "actors/runtime/log.hpp"
#include "actors/sinks/stream_name.hpp"

#include <memory>
#include <string>
#include <vector>

namespace actors {

/// Where an emitter stands, for what it tells others.
struct emitter_place {
  std::string node;
  std::string pipeline;
  log_function log;
  std::string run{}; ///< of the pipeline that gives the numbers; like no other
  std::shared_ptr<node_network> network{};
  std::shared_ptr<const std::vector<std::string>> roots{}; ///< of the pipeline, once it has started
  stream_name stream{}; ///< for receivers that are to know what they are given twice; none: `run`
  std::shared_ptr<outbox> spool{}; ///< in front of it, if there is one
};

/// Whether there can be a sink of these options here. Errors: invalid_argument, and what is wrong
/// with this machine (a directory that is not there, ...).
result<void> check(const emitter_options& what);

/// What makes the library's sink of these options. Errors: those of `check`.
result<factory<sink>> make_emitter(const emitter_options& what, const emitter_place& where);

} // namespace actors
