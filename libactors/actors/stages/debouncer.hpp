#pragma once

#include "actors/core/debounce_window.hpp"
#include "actors/protocol/stage.hpp"

namespace actors {

/// Folds changes into their net effect until the tree is quiet (`debounce_window`).
///
/// It keeps nothing of its own: the batches it folded stay in its mailbox until their net effect is
/// downstream, so the incarnation after a crash is given them again and folds them anew. That
/// bounds the window by the mailbox: when that is nearly full, the window is handed on early.
///
/// A marker (ready, overflow, ...) ends the window: what came before it goes out before it.
class debouncer final : public stage {
public:
  explicit debouncer(debounce_limits limits) : window_{limits} {}

  release_mode releases() const override { return release_mode::manual; }
  void on_batch(const event_batch& batch, context& ctx) override;
  void on_timer(timer_token, context& ctx) override;
  void on_room(context& ctx) override { hand_on(ctx); }
  void on_drain(context& ctx) override { hand_on(ctx); }

private:
  void take_in(const event_batch& batch, context& ctx);
  void hand_on(context& ctx);
  void arm(context& ctx);

  debounce_window window_;
  batch_builder out_;
  event_batch refused_; ///< downstream was full: offered again on room
  bool armed_ = false;  ///< at most one timer is under way
};

} // namespace actors
