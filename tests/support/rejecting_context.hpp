#pragma once

#include "actors/testkit/fake_contexts.hpp"

#include <chrono>
#include <utility>

namespace actors::test {

/// Downstream does not want it, and no room will ever be told of.
class rejecting_context final : public testkit::fake_base_context<context> {
public:
  emit_result emit(event_batch) override { return emit_result::rejected; }
  void release() override { ++releases; }
  timer_token after(std::chrono::milliseconds) override { return 0; }
  double input_fill() const override { return 0; }

  int releases = 0;
};

} // namespace actors::test
