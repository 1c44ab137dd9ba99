#pragma once

#include "actors/protocol/sink.hpp"
#include "actors/sinks/inbox_store.hpp"

#include <memory>
#include <utility>

namespace actors {

/// Puts batches where a host with a loop of its own takes them. Waits, on its own thread, while
/// there is no room; with room, whoever sends puts them there, and no thread is woken.
class inbox_sink final : public sink {
public:
  explicit inbox_sink(std::shared_ptr<inbox_store> to) : store_{std::move(to)} {}

  void offer(const event_batch& batch, sink_context& ctx) override;
  bool offer_now(const event_batch& batch, sink_context&) override {
    return !store_->is_abandoned() && store_->put(batch);
  }

private:
  std::shared_ptr<inbox_store> store_; ///< shared with the host's inbox
};

} // namespace actors
