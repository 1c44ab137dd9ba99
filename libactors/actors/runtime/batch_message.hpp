#pragma once

#include "actors/core/event_batch.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

/// Batches are messages inside a process: a copy is one reference count. Between nodes they travel
/// as frames of ours.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actors::event_batch)
