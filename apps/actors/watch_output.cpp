#include "watch_output.hpp"

#include <algorithm>

namespace actors::program {

void watch_output::offer(const event_batch& batch, sink_context& ctx) {
  lines_.offer(batch, ctx);
  progress_.last_write = ctx.now().time_since_epoch().count();
  const auto has_changes = std::any_of(
    batch.begin(), batch.end(), [](const event& x) { return is_change(x.type) && !x.initial; });
  const auto lost = std::any_of(
    batch.begin(), batch.end(), [](const event& x) { return x.type == event_type::root_lost; });
  if (has_changes)
    progress_.changes_written = true;
  if (lost)
    progress_.root_lost = true;
  if (has_changes && progress_.once)
    ctx.end("asked to stop after the first batch", sink_context::fate::delivered);
  else if (lost && progress_.exit_on_lost)
    ctx.end("a root is lost", sink_context::fate::delivered);
}

} // namespace actors::program
