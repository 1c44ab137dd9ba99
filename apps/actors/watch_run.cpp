#include "watch_run.hpp"

#include "actors/os/poll.hpp"

#include <algorithm>

namespace actors::program {

void watch_run::offer(const event_batch& batch, sink_context& ctx) {
  sink_.offer(batch, ctx);
  progress_.last_write = ctx.now().time_since_epoch().count();
  const auto has = [&](auto is) { return std::any_of(batch.begin(), batch.end(), is); };
  const auto has_changes = has([](const event& x) { return is_change(x.type); });
  const auto lost = has([](const event& x) { return x.type == event_type::root_lost; });
  if (has_changes)
    progress_.changes_written = true;
  if (lost)
    progress_.root_lost = true;
  if (has_changes && progress_.once && await_end(ctx)) {
    progress_.command_failed = !runner_->last_failure().empty();
    ctx.end("asked to stop after the first run", sink_context::fate::delivered);
    progress_.end();
  } else if (lost && progress_.exit_on_lost) {
    ctx.end("a root is lost", sink_context::fate::delivered);
    progress_.end();
  }
}

/// False when a stop came first.
bool watch_run::await_end(sink_context& ctx) {
  ctx.waiting("command");
  for (;;) {
    runner_->await_move();
    if (ctx.stop_requested())
      return false;
    if (runner_->is_idle())
      break;
    wait_readable({ctx.wake_descriptor(), runner_->moved_descriptor()}, std::nullopt);
  }
  ctx.progress("command ended");
  return true;
}

} // namespace actors::program
