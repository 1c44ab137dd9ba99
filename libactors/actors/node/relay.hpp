#pragma once

#include "actors/core/emitter_options.hpp"
#include "actors/node/emitters.hpp"
#include "actors/protocol/delivery_listener.hpp"
#include "actors/protocol/source.hpp"

#include <memory>
#include <string>
#include <vector>

namespace actors {

/// An emitter with a spool in front of it.
struct relay_parts {
  factory<sink> writer;
  factory<source> reader;
  factory<sink> deliverer;
  std::shared_ptr<delivery_listener> outbox;
};

/// What makes the library's sink of these options, and its spool, which is opened. Requires
/// `what.spool`. Errors: those of `make_emitter` and of `outbox::open`.
result<relay_parts> make_relay(const emitter_options& what, emitter_place where);

/// Of the deliverer: what waits in memory, since the rest waits in the file. Never lossy.
inline constexpr auto relay_mailbox =
  mailbox_limits{.messages_max = 16, .on_full = overflow_policy::hold};

/// The files that a spool may have.
std::vector<std::string> spool_files(const std::string& path);

} // namespace actors
