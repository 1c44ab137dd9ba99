#pragma once

#include "actors/core/command_sink_options.hpp"
#include "actors/core/file_sink_options.hpp"
#include "actors/core/http_sink_options.hpp"
#include "actors/core/line_format.hpp"
#include "actors/core/link_options.hpp"
#include "actors/core/mailbox_limits.hpp"
#include "actors/core/nats_sink_options.hpp"
#include "actors/core/socket_sink_options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace actors {

/// Standard output of the program.
struct stdout_sink_options {
  line_format format = line_format::json; ///< how a record is written

  friend bool operator==(const stdout_sink_options&, const stdout_sink_options&) = default;
};

/// The sinks that the library has.
using sink_options = std::variant<stdout_sink_options, file_sink_options, socket_sink_options,
  command_sink_options, http_sink_options, nats_sink_options, link_options>;

/// What is accepted for a sink is written to a file first, and delivered from there: it survives a
/// kill -9, and a receiver that is away for days.
struct spool_options {
  std::string path; ///< an SQLite file; of one emitter

  /// When so much waits in it, the edge is full: its policy decides.
  std::uint64_t bytes_max = 256ULL * 1024 * 1024;

  friend bool operator==(const spool_options&, const spool_options&) = default;
};

/// One way out of a pipeline.
struct emitter_options {
  std::string name;                      ///< of the child
  sink_options to;                       ///< which sink, and how it is set
  std::optional<mailbox_limits> mailbox; ///< none: the pipeline's
  std::optional<spool_options> spool;    ///< for http, nats and links

  friend bool operator==(const emitter_options&, const emitter_options&) = default;
};

} // namespace actors
