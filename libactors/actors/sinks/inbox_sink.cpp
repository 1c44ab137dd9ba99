#include "actors/sinks/inbox_sink.hpp"

#include "actors/os/poll.hpp"

#include <optional>

namespace actors {

void inbox_sink::offer(const event_batch& batch, sink_context& ctx) {
  while (!store_->is_abandoned()) {
    if (store_->put(batch))
      return;
    ctx.waiting("room in the inbox"); // for as long as the host likes: that is no hang
    wait_readable({store_->room_descriptor(), ctx.wake_descriptor()}, std::nullopt);
    if (ctx.stop_requested())
      return;
  }
  ctx.end("the host has let go of its inbox", sink_context::fate::undelivered);
}

} // namespace actors
