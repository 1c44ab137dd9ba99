#include "actors/runtime/cell.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <utility>

namespace actors {

void cell::inbox::give_room_back(slot& where) {
  for (const auto& [edges, batch] : std::exchange(emits, {}))
    where.downstream.cancel(edges, batch);
}

void cell::inbox::leave(note what) {
  if (notes.fetch_or(what) != 0)
    return; // it is on its way to them
  if (const auto actor = caf::actor_cast<caf::actor>(reader))
    caf::anon_send<caf::message_priority::high>(actor, control_waits{});
}

cell_host::cell_host(slot& where, caf::actor_system& system)
  : slot_{where}, actor_{system.spawn<cell>(&where, inbox_)} {
  inbox_->reader = actor_.address();
  where.mailbox.set_consumer([actor = actor_] { caf::anon_send(actor, data_waits{}); });
}

cell_host::~cell_host() {
  join();
}

void cell_host::start(std::uint64_t incarnation, succession how) {
  inbox_->how = how;
  inbox_->incarnation = incarnation;
  inbox_->leave(cell::start);
}

/// It ends when its handler returns; what that did does not count.
void cell_host::abandon() {
  inbox_->right.revoke();
  inbox_->give_room_back(slot_);
  join();
}

void cell_host::join() {
  if (!actor_)
    return;
  slot_.mailbox.set_consumer(nullptr); // which holds on to the actor
  caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  actor_ = nullptr;
}

} // namespace actors
