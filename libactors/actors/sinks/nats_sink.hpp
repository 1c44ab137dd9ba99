#pragma once

#include "actors/core/nats_sink_options.hpp"
#include "actors/protocol/outage.hpp"
#include "actors/protocol/sink.hpp"
#include "actors/sinks/nats_connection.hpp"
#include "actors/sinks/stream_name.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace actors {

/// What is wrong with these options.
result<void> check(const nats_sink_options& options);

/// Publishes each record to a stream of JetStream, with an id by which the server knows it. `offer`
/// returns when all of a batch are acknowledged; until then it tries again, for ever, with those
/// that are missing.
class nats_sink final : public sink {
public:
  /// Requires options that `check` lets pass.
  nats_sink(nats_sink_options options, std::string pipeline, stream_name stream);

  void on_start(sink_context& ctx) override;
  void offer(const event_batch& batch, sink_context& ctx) override;

private:
  struct record {
    nats_connection::message message;
    std::string line;
    bool is_settled = false;
  };

  void prepare(const event_batch& batch);
  result<void> try_all(const event_batch& batch, sink_context& ctx);
  result<void> publish_from(
    std::size_t begin, std::size_t end, const event_batch& batch, sink_context& ctx);
  result<void> await_answers(std::size_t begin, std::size_t end, std::size_t missing,
    const event_batch& batch, sink_context& ctx);
  void give_up(
    std::size_t index, const event_batch& batch, const std::string& why, sink_context& ctx);
  void wait(const std::string& why, sink_context& ctx);

  const nats_sink_options options_;
  const std::string subject_; ///< up to the type
  const stream_name stream_of_;
  std::unique_ptr<nats_connection> connection_; ///< none after an error
  std::vector<record> records_;                 ///< of the batch in work
  std::uint64_t next_ticket_ = 1;
  outage outage_;
};

} // namespace actors
