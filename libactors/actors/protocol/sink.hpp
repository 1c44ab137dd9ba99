#pragma once

#include "actors/protocol/context.hpp"

namespace actors {

/// Where events go. It runs on a thread of its own and may block there, best on the context's wake
/// descriptor too.
class sink {
public:
  virtual ~sink() = default;

  virtual void on_start(sink_context&) {}

  /// Delivers the batch. Returning means it is safe where it went, and it is released; throwing is
  /// a crash, and the batch is offered again. Returning after `stop_requested` means it is not
  /// delivered, and `end` says.
  virtual void offer(const event_batch& batch, sink_context& ctx) = 0;
};

} // namespace actors
