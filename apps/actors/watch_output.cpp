#include "watch_output.hpp"

#include <algorithm>
#include <string_view>

namespace actors::program {

namespace {

bool has_changes(const event_batch& batch) {
  return std::any_of(
    batch.begin(), batch.end(), [](const event& x) { return is_change(x.type) && !x.initial; });
}

bool has_loss(const event_batch& batch) {
  return std::any_of(
    batch.begin(), batch.end(), [](const event& x) { return x.type == event_type::root_lost; });
}

} // namespace

void watch_output::offer(const event_batch& batch, sink_context& ctx) {
  lines_.offer(batch, ctx);
  note(batch, ctx.now());
  const auto end = [&](std::string_view why) {
    ctx.end(why, sink_context::fate::delivered);
    progress_.end();
  };
  if (has_changes(batch) && progress_.once)
    end("asked to stop after the first batch");
  else if (has_loss(batch) && progress_.exit_on_lost)
    end("a root is lost");
}

/// Not where it may be the end.
bool watch_output::offer_now(const event_batch& batch, sink_context& ctx) {
  if (progress_.once || progress_.exit_on_lost || !lines_.offer_now(batch, ctx))
    return false;
  note(batch, ctx.now());
  return true;
}

void watch_output::note(const event_batch& batch, time_point now) {
  progress_.last_write = now.time_since_epoch().count();
  if (has_changes(batch))
    progress_.changes_written = true;
  if (has_loss(batch))
    progress_.root_lost = true;
}

} // namespace actors::program
