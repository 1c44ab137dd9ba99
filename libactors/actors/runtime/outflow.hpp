#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/runtime/bounded_mailbox.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace actors {

class slot;

/// The ways out of a slot: the children it feeds, each by its own mailbox with its own policy. A
/// batch goes out when every edge has an answer for it. One that holds (`overflow_policy::hold`)
/// and is full holds up the others; one that loses or rejects never does, whatever becomes of its
/// child.
///
/// Thread-safe once it is built; reservations are the caller's to keep.
class outflow {
public:
  /// As many as there are bits in `edge_set`.
  static constexpr std::size_t edges_max = 64;
  using edge_set = std::uint64_t;

  /// Requires fewer than `edges_max` so far. Those that hold are asked first: who loses what comes
  /// is not to count a loss, and then be given the same again.
  void add(slot& edge);

  bool leads_nowhere() const { return edges_.empty(); }

  struct claim {
    emit_result verdict = emit_result::rejected;
    edge_set taken = 0; ///< on which there is room kept: `commit` or `cancel` must follow
  };

  /// `full`: nothing is kept, and `sender` will be told of room. `rejected`: nobody wants it.
  [[nodiscard]] claim reserve(
    const event_batch& batch, const std::shared_ptr<room_listener>& sender);
  void commit(edge_set taken, const event_batch& batch);
  void cancel(edge_set taken, const event_batch& batch);

  /// Who said full last, and has not taken anything since; nullptr: nobody.
  const slot* held_by() const { return held_by_.load(std::memory_order_relaxed); }

private:
  std::vector<slot*> edges_; ///< those that hold first
  std::atomic<const slot*> held_by_{nullptr};
};

} // namespace actors
