#pragma once

#include "actors/os/poll.hpp"
#include "actors/protocol/source.hpp"
#include "actors/testkit/batches.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace actors::test {

/// Emits one record a batch, "/1", "/2", ..., as many as are allowed, each once.
class counting_source final : public source {
public:
  counting_source(std::atomic<std::uint64_t>& next, std::atomic<std::uint64_t>& allowed)
    : next_{next}, allowed_{allowed} {}

  void run(source_context& ctx) override {
    ctx.ready();
    while (!ctx.stop_requested() && !(ctx.drain_requested() && next_ > allowed_)) {
      while (next_ <= allowed_
             && ctx.emit(testkit::batch_of({"/" + std::to_string(next_)})) == emit_result::taken)
        ++next_;
      wait_readable({ctx.wake_descriptor()}, std::chrono::milliseconds{2});
      ctx.acknowledge();
    }
  }

private:
  std::atomic<std::uint64_t>& next_;
  std::atomic<std::uint64_t>& allowed_;
};

} // namespace actors::test
