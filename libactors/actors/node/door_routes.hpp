#pragma once

#include "actors/admin/unix_door.hpp"
#include "actors/node/node.hpp"

#include <string_view>

namespace actors {

/// What the admin door of a node answers to `GET path`:
///
///     /health[?after=ID]        the snapshot; rows after that one
///     /healthz                  live: every supervisor answers a ping within a second
///     /readyz                   every required child is ready or degraded
///     /events[?after=N]         what supervisors told after number N
///     /dead_letters[?after=N]   what was sent and not handled, and why
door_answer answer(const node& of, std::string_view path);

} // namespace actors
