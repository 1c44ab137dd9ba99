#pragma once

#include "actors/protocol/stage.hpp"

namespace actors {

/// Brings several sources together where no other stage does, so that their records are numbered in
/// one sequence. Passes on what comes.
class sequencer final : public stage {
public:
  release_mode releases() const override { return release_mode::manual; }

  void on_batch(const event_batch& batch, context& ctx) override {
    held_ = batch;
    on_room(ctx);
  }
  void on_room(context& ctx) override {
    if (ctx.emit(held_) == emit_result::full)
      return;
    held_ = {}; // taken, or rejected and counted: nobody would tell of room for it
    ctx.release();
  }

private:
  event_batch held_; ///< while downstream is full no other batch is given
};

} // namespace actors
