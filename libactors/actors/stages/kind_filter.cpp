#include "actors/stages/kind_filter.hpp"

#include "actors/core/batch_builder.hpp"

#include <algorithm>

namespace actors {

void kind_filter::on_batch(const event_batch& batch, context& ctx) {
  held_ = wanted_of(batch);
  on_room(ctx);
}

/// An empty batch is taken and forgotten, so what nothing is left of is released as well. So is
/// what a policy rejects: it was counted, and nobody would tell of room for it.
void kind_filter::on_room(context& ctx) {
  if (ctx.emit(held_) == emit_result::full)
    return;
  held_ = {};
  ctx.release();
}

event_batch kind_filter::wanted_of(const event_batch& batch) const {
  const auto wanted = [this](const event& what) { return is_wanted(what.type); };
  if (std::all_of(batch.begin(), batch.end(), wanted))
    return batch; // shared, not copied
  auto rest = batch_builder{};
  for (const auto& what : batch)
    if (wanted(what))
      rest.add(what);
  return rest.finish();
}

} // namespace actors
