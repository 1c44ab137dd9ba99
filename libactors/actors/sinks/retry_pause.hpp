#pragma once

#include "actors/core/time_point.hpp"
#include "actors/os/poll.hpp"
#include "actors/protocol/context.hpp"

#include <chrono>

namespace actors {

/// Waits so long before the next try. False when a stop was asked for meanwhile.
inline bool pause_before_retry(sink_context& ctx, std::chrono::milliseconds span) {
  ctx.waiting("the next try");
  const auto due = std::chrono::steady_clock::now() + span;
  while (!ctx.stop_requested()) {
    const auto left = left_until(due, std::chrono::steady_clock::now());
    if (left.count() == 0)
      return true;
    wait_readable({ctx.wake_descriptor()}, left);
  }
  return false;
}

} // namespace actors
