#pragma once

#include "actors/node/pipeline.hpp"
#include "actors/node/pool.hpp"
#include "actors/runtime/batch_message.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <string>

namespace actors {

/// An actor, in an actor system of the host, that stands for a child of a pipeline, as other actors
/// know actors; the child may be any with a mailbox. It goes on standing for it through crashes and
/// replacements.
///
/// A batch that is sent to it goes into the child's bounded mailbox, on the sender's thread. One
/// that finds no room, or a child that refuses or is closed, is lost: counted, and a dead letter.
/// So actors that must not lose anything ask: a `request` with a batch is a question, answered with
/// a batch by `stage::on_ask`, or with a `caf::error` of the category "actors" whose code is an
/// `errc`; what there is no room for is answered at once with `errc::full`.
///
/// The actor keeps no pipeline running; once that has ended, it answers `errc::closed`.
///
/// Errors: not_found, not_supported (a source, a group).
result<caf::actor> actor_of(caf::actor_system& host, const pipeline& in, const std::string& child);

/// The same for a worker of a pool, which need not be there yet.
caf::actor actor_of(caf::actor_system& host, const pool& in, const std::string& worker);

} // namespace actors
