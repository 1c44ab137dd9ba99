#include "actors/spool/outbox_writer.hpp"

#include "actors/os/poll.hpp"

#include <chrono>

namespace actors {

namespace {

/// A full disk is tried again so often: soon enough once there is room, and no load till then.
constexpr auto retry_after = std::chrono::milliseconds{1000};

} // namespace

void outbox_writer::offer(const event_batch& batch, sink_context& ctx) {
  while (!ctx.stop_requested()) {
    ctx.waiting("spool"); // for the disk, as long as it takes
    const auto done = outbox_->append(batch);
    ctx.progress("spool");
    if (done && *done == outbox::outcome::kept)
      return tell_state(ctx);
    if (done)
      wait_for_room(ctx);
    else
      wait_for_disk(done.error(), ctx);
  }
}

void outbox_writer::wait_for_room(sink_context& ctx) {
  const auto held = outbox_->size();
  ctx.degraded("the spool " + outbox_->path() + " is full: " + std::to_string(held.batches)
               + " batches, " + std::to_string(held.bytes) + " bytes wait for the receiver");
  in_trouble_ = true;
  ctx.waiting("room in the spool");
  wait_readable({ctx.wake_descriptor(), outbox_->room_descriptor()}, retry_after);
}

void outbox_writer::wait_for_disk(const error& why, sink_context& ctx) {
  if (!std::exchange(in_trouble_, true))
    ctx.log(log_level::warning, "spool_not_written", {{"reason", why.text}});
  ctx.degraded(why.text + "; tried again every second");
  ctx.waiting("the disk");
  wait_readable({ctx.wake_descriptor()}, retry_after);
}

/// That a file was set aside stays to be seen.
void outbox_writer::tell_state(sink_context& ctx) {
  const auto trouble = outbox_->trouble();
  if (!trouble.empty())
    ctx.degraded(trouble);
  else if (std::exchange(in_trouble_, false))
    ctx.recovered();
}

} // namespace actors
