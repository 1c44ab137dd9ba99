#include "actors/runtime/outflow.hpp"

#include "actors/runtime/slot.hpp"

#include <algorithm>
#include <cassert>

namespace actors {

void outflow::add(slot& edge) {
  assert(edges_.size() < edges_max);
  edges_.push_back(&edge);
  std::stable_partition(edges_.begin(), edges_.end(),
    [](const slot* x) { return x->mailbox.limits().on_full == overflow_policy::hold; });
}

outflow::claim outflow::reserve(
  const event_batch& batch, const std::shared_ptr<room_listener>& sender) {
  auto result = claim{};
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    const auto verdict = edges_[i]->mailbox.reserve(batch, sender);
    if (verdict == emit_result::full) {
      cancel(result.taken, batch);
      held_by_.store(edges_[i], std::memory_order_relaxed);
      return {emit_result::full, 0};
    }
    if (verdict == emit_result::taken)
      result.taken |= edge_set{1} << i;
  }
  if (result.taken != 0)
    result.verdict = emit_result::taken;
  held_by_.store(nullptr, std::memory_order_relaxed);
  return result;
}

void outflow::commit(edge_set taken, const event_batch& batch) {
  for (std::size_t i = 0; i < edges_.size(); ++i)
    if ((taken >> i & 1) != 0)
      edges_[i]->take_in(batch);
}

void outflow::cancel(edge_set taken, const event_batch& batch) {
  for (std::size_t i = 0; i < edges_.size(); ++i)
    if ((taken >> i & 1) != 0)
      edges_[i]->mailbox.cancel(batch);
}

} // namespace actors
