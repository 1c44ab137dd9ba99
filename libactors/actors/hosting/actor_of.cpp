#include "actors/hosting/actor_of.hpp"

#include "actors/node/names.hpp"
#include "actors/node/node_inside.hpp"
#include "actors/runtime/letter_box.hpp"

#include <caf/actor_system.hpp>

namespace actors {

result<caf::actor> actor_of(caf::actor_system& host, const pipeline& in, const std::string& child) {
  const auto id = in.name() + "/" + child;
  const auto& running = actor_host::inside(in);
  const auto where = running->find(id);
  if (!where)
    return failure(errc::not_found, "there is no child " + id);
  if (!where->has_mailbox())
    return failure(errc::not_supported, id + " takes no messages");
  return caf::actor{host.spawn<letter_box>(running, id)};
}

caf::actor actor_of(caf::actor_system& host, const pool& in, const std::string& worker) {
  return host.spawn<letter_box>(
    actor_host::inside(in), in.name() + "/" + pool_member + "/" + worker);
}

} // namespace actors
