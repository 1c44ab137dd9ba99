#pragma once

#include "actors/protocol/sink.hpp"

#include <functional>
#include <utility>

namespace actors {

/// Hands each batch to a function of the host, on the sink's own thread. The function may block;
/// when it throws, that is a crash, and it is given the same batch again.
class callback_sink final : public sink {
public:
  using function = std::function<void(const event_batch&)>;

  explicit callback_sink(function call) : call_{std::move(call)} {}

  void offer(const event_batch& batch, sink_context&) override { call_(batch); }

private:
  function call_;
};

} // namespace actors
