#pragma once

#include "actors/os/byte_sink.hpp"
#include "actors/sinks/line_sink.hpp"

#include <memory>
#include <utility>

namespace actors {

/// Lines on standard output. When nobody reads it any more, the sink ends.
class stdout_sink final : public sink {
public:
  struct kept {
    descriptor_sink out;
    line_progress lines;
    kept();
  };

  /// `all` is shared with whoever builds the next one.
  stdout_sink(std::shared_ptr<kept> all, line_format format)
    : kept_{std::move(all)}, lines_{kept_->out, kept_->lines, format} {}

  void offer(const event_batch& batch, sink_context& ctx) override { lines_.offer(batch, ctx); }
  bool offer_now(const event_batch& batch, sink_context& ctx) override {
    return lines_.offer_now(batch, ctx);
  }

private:
  std::shared_ptr<kept> kept_;
  line_sink lines_;
};

} // namespace actors
