#pragma once

#include "actors/core/http_sink_options.hpp"
#include "actors/protocol/outage.hpp"
#include "actors/protocol/sink.hpp"
#include "actors/sinks/http_client.hpp"
#include "actors/sinks/stream_name.hpp"

#include <string>

namespace actors {

/// Posts batches as NDJSON. `offer` returns when the server said 2xx; until then it tries again,
/// for ever. What the server refuses for what it is (`http_verdict::refused`) is given up: logged
/// as an error, and counted as lost.
class http_sink final : public sink {
public:
  /// Requires options that `check` lets pass.
  http_sink(http_sink_options options, stream_name stream);

  void on_start(sink_context& ctx) override;
  void offer(const event_batch& batch, sink_context& ctx) override;

private:
  enum class fate : std::uint8_t { settled, stopped };

  fate deliver(const event_batch& batch, sink_context& ctx);
  fate deliver_halves(const event_batch& batch, sink_context& ctx);
  std::optional<http_answer> post(
    const event_batch& batch, const std::string& body, sink_context& ctx);
  fate wait(const http_answer& after, sink_context& ctx);
  void give_up(const event_batch& batch, const http_answer& answer, sink_context& ctx);
  void note_success(sink_context& ctx);

  const http_sink_options options_;
  const http_address address_;
  const stream_name stream_of_;
  std::string stream_; ///< of the batch in work
  http_client::headers headers_;
  http_client client_;
  outage outage_;
};

} // namespace actors
