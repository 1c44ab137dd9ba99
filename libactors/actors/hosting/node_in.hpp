#pragma once

#include "actors/node/node.hpp"

#include <caf/fwd.hpp>

namespace actors {

/// A node in an actor system of the host, which must outlive the node: the handlers of its stages
/// run on the workers of that system, and each pipeline's supervisor has a detached actor there.
/// Sources, sinks and doors have threads of their own, as in any node.
///
/// What a node with a system of its own does better: a stage that hangs costs the host a worker,
/// since the scheduler is the host's; and what is abandoned at the stop keeps the host's system
/// from ending. `stop_report::clean` says whether there is such a thing; if not, leave by
/// std::_Exit.
///
/// Throws std::system_error when this machine has no descriptor or thread left.
node node_in(caf::actor_system& host, node_options options = {});

} // namespace actors
