#pragma once

#include "actors/core/socket_sink_options.hpp"
#include "actors/core/told_numbers.hpp"
#include "actors/os/line_server.hpp"
#include "actors/protocol/sink.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace actors {

/// NDJSON on a socket, for whoever reads it. A batch is delivered when it waits for each reader
/// that is there, and at once when nobody is.
class socket_sink final : public sink {
public:
  /// Outlives the sink, so that readers stay when it crashes.
  struct kept {
    std::shared_ptr<line_server> server; ///< shared with the kept values of a sink that hangs
    told_numbers given;
  };

  /// What is wrong with the options.
  static result<void> check(const socket_sink_options& options);

  /// `all` is shared with whoever builds the next one.
  socket_sink(std::shared_ptr<kept> all, socket_sink_options options, log_function log)
    : kept_{std::move(all)}, options_{std::move(options)}, log_{std::move(log)} {}

  void on_start(sink_context& ctx) override;
  void offer(const event_batch& batch, sink_context& ctx) override;

private:
  bool give(std::string& lines, std::uint64_t upto, sink_context& ctx);
  void tell_health(sink_context& ctx);

  std::shared_ptr<kept> kept_;
  socket_sink_options options_;
  log_function log_;
};

} // namespace actors
