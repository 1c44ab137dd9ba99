#pragma once

#include "actors/protocol/context.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/release_mode.hpp"

namespace actors {

/// A step of a pipeline. A plain object: it knows no actors, threads or clocks, and runs the same
/// in a cell and in a test with a fake context.
///
/// Handlers are called one at a time and must not block. Every one may throw: that is a crash, and
/// the supervisor builds the next incarnation from the factory. So what must survive belongs in the
/// mailbox (unreleased input), not in members.
class stage {
public:
  virtual ~stage() = default;

  /// Asked once for each incarnation.
  virtual release_mode releases() const { return release_mode::on_return; }

  /// First call. Throwing here is a failed start; it backs off like any crash.
  virtual void on_start(context&) {}
  /// A batch has come: the next in order, or, after a crash, one that was given before.
  virtual void on_batch(const event_batch& batch, context& ctx) = 0;
  /// A timer is due that `context::after` set; it may be one that is no longer wanted.
  virtual void on_timer(timer_token, context&) {}

  /// A question, to be answered now. A throw is a crash, and the asker is told; the question is not
  /// given again. What is emitted meanwhile and the answer take effect together.
  virtual result<event_batch> on_ask(const event_batch&, context&) {
    return failure(errc::not_supported, "this stage answers no questions");
  }

  /// Downstream has room again after `emit` said full.
  virtual void on_room(context&) {}

  /// No more input will come: hand on what is held. If downstream is full, `on_room` follows.
  virtual void on_drain(context&) {}
};

} // namespace actors
