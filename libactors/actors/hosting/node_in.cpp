#include "actors/hosting/node_in.hpp"

#include "actors/node/node_inside.hpp"

#include <utility>

namespace actors {

node node_in(caf::actor_system& host, node_options options) {
  return actor_host{host}.make_node(std::move(options));
}

} // namespace actors
