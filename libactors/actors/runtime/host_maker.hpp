#pragma once

#include "actors/runtime/slot.hpp"

#include <memory>

namespace caf {
class actor_system;
}

namespace actors {

class elastic_scheduler;

/// Makes what runs the incarnations of a slot, and sees to it that there are workers for cells: one
/// that hangs keeps its worker, and the others must not wait for it.
///
/// Shared by the engine and its supervisors. Thread-safe.
class host_maker {
public:
  /// `workers`: none when the actor system is the host application's; then a hung cell costs it a
  /// worker.
  host_maker(caf::actor_system& system, elastic_scheduler* workers)
    : system_{system}, workers_{workers} {}

  std::unique_ptr<host> make(slot& where) const;

  /// An instance in that slot was let go, and keeps what it runs on.
  void note_hung(const slot& where) const;

  /// It has ended after all.
  void note_returned(const slot& where) const;

private:
  caf::actor_system& system_;
  elastic_scheduler* workers_;
};

} // namespace actors
