#pragma once

#include "actors/protocol/sink.hpp"
#include "actors/spool/outbox.hpp"

#include <memory>
#include <string>
#include <utility>

namespace actors {

/// Puts batches into an outbox. `offer` returns when the batch is on the disk; while there is no
/// room, or the disk takes nothing, it waits.
class outbox_writer final : public sink {
public:
  /// `into` is shared with the reader, and with the pipeline.
  explicit outbox_writer(std::shared_ptr<outbox> into) : outbox_{std::move(into)} {}

  void on_start(sink_context& ctx) override { ctx.note(outbox_->path()); }
  void offer(const event_batch& batch, sink_context& ctx) override;

private:
  void wait_for_room(sink_context& ctx);
  void wait_for_disk(const error& why, sink_context& ctx);
  void tell_state(sink_context& ctx);

  std::shared_ptr<outbox> outbox_;
  bool in_trouble_ = false;
};

} // namespace actors
