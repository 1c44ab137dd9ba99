#pragma once

#include "actors/config/key_visitor.hpp"
#include "actors/core/node_config.hpp"

#include <string>
#include <vector>

namespace actors {

// One function an options struct, each in a file named after what it describes. The struct holds
// the defaults when it is given, and what was read afterwards.

void describe(key_visitor& keys, node_config& config);
void describe(key_visitor& keys, pipeline_config& config);
void describe(key_visitor& keys, watch_options& options, std::vector<std::string>& paths);
void describe(key_visitor& keys, debounce_limits& limits);
void describe(key_visitor& keys, mailbox_limits& limits);

/// `on_down` is said of all children at once, and is kept with their mailboxes.
void describe(key_visitor& keys, supervise_options& options, down_policy& on_down);

/// `mailboxes` are the bounds of an edge that has none of its own.
void describe(key_visitor& keys, emitter_options& emitter, const mailbox_limits& mailboxes);
void describe(key_visitor& keys, stdout_sink_options& options);
void describe(key_visitor& keys, file_sink_options& options);
void describe(key_visitor& keys, socket_sink_options& options);
void describe(key_visitor& keys, command_sink_options& options);
void describe(key_visitor& keys, http_sink_options& options);
void describe(key_visitor& keys, nats_sink_options& options);
void describe(key_visitor& keys, link_options& options);
void describe(key_visitor& keys, collect_config& config);
void describe(key_visitor& keys, tls_options& options);
void describe(key_visitor& keys, spool_options& options);

/// A list of sinks, with what gives a name to those that have none.
void describe_emitters(key_visitor& keys, std::vector<emitter_options>& emit,
  const mailbox_limits& mailboxes, std::string_view about, key_visitor::presence how);

/// Names, as `to` has them, in the order of `sink_options`.
const std::vector<std::string_view>& sink_words();

} // namespace actors
