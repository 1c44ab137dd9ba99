#pragma once

#include "actors/os/poll.hpp"
#include "actors/protocol/source.hpp"

#include <optional>

namespace actors {

/// Tells nothing: what flows is pushed by the host.
class idle_source final : public source {
public:
  void run(source_context& ctx) override {
    ctx.ready();
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      ctx.waiting("the end");
      wait_readable({ctx.wake_descriptor()}, std::nullopt);
      ctx.acknowledge();
    }
  }
};

} // namespace actors
