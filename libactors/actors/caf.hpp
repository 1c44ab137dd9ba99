#pragma once

// The door for hosts that use the C++ Actor Framework (CAF 0.17) themselves: the only public header
// that names it. Link actors::caf.
//
//   auto node = actors::node_in(system);
//   auto pipeline = node.pipeline("sources").watch("/srv/src") ... .start();
//   auto counter = actors::actor_of(system, *pipeline, "counter"); // to send and to ask

#include "actors/hosting/actor_of.hpp"
#include "actors/hosting/node_in.hpp"
