#pragma once

#include "actors/protocol/context.hpp"
#include "actors/runtime/batch_message.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>

namespace actors {

// What the cells and the supervisor send each other inside one process. Nothing here travels.

/// There is something in the mailbox.
struct data_waits {};

/// There are orders, or reports.
struct control_waits {};

/// A timer of a stage; void when the incarnation is not the present one.
struct stage_timer {
  std::uint64_t incarnation;
  timer_token token;
};

/// The supervisor's own timer; void when a later one was set.
struct supervisor_timer {
  std::uint64_t generation;
};

} // namespace actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actors::data_waits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actors::control_waits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actors::stage_timer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actors::supervisor_timer)
