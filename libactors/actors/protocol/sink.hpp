#pragma once

#include "actors/protocol/context.hpp"
#include "actors/protocol/release_mode.hpp"

#include <optional>

namespace actors {

/// Where events go. It runs on a thread of its own and may block there, best on the context's wake
/// descriptor too.
class sink {
public:
  virtual ~sink() = default;

  /// `manual`: several offers may be on their way at a time. Each stays in the mailbox, and counts
  /// against its bound, until `sink_context::release`; the next incarnation is offered them again.
  virtual release_mode releases() const { return release_mode::on_return; }

  /// First call, on the sink's own thread. Throwing here is a failed start; it backs off like any
  /// crash.
  virtual void on_start(sink_context&) {}

  /// Delivers the batch. Returning means it is safe where it went, and it is released (unless
  /// `releases` says otherwise); throwing is a crash, and the batch is offered again. Returning
  /// after `stop_requested` means it is not delivered, and `end` says.
  virtual void offer(const event_batch& batch, sink_context& ctx) = 0;

  /// Delivers a batch as `offer` does if that takes microseconds and no waiting: then true. False:
  /// `offer` is given it, and nothing of it may be done twice. Called while the sink's own thread
  /// waits, on the thread that sends the batch, so that small things need no other thread to be
  /// woken. May not call `ctx.end`.
  virtual bool offer_now(const event_batch&, sink_context&) { return false; }

  /// Of a sink with business of its own between offers (answers that come, a connection to be
  /// kept): `tend` is called when this descriptor is readable, or at `next_due`, while nothing is
  /// to be offered. -1: it has none.
  virtual int news_descriptor() const { return -1; }
  /// When to call `tend` though there is no news; nothing: never.
  virtual std::optional<time_point> next_due() const { return std::nullopt; }
  /// Must not block. A throw is a crash; what is on its way is offered again.
  virtual void tend(sink_context&) {}
};

} // namespace actors
