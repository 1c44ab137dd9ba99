#pragma once

#include "actors/sinks/command_sink.hpp"

#include <memory>
#include <utility>

#include "watch_output.hpp"

namespace actors::program {

/// Runs the command of `actors watch PATH... -- CMD`, and notes what passes.
class watch_run final : public sink {
public:
  watch_run(
    std::shared_ptr<command_runner> runner, command_sink_options options, watch_progress& progress)
    : runner_{runner}, sink_{std::move(runner), std::move(options)}, progress_{progress} {}

  void offer(const event_batch& batch, sink_context& ctx) override;

private:
  bool await_end(sink_context& ctx);

  std::shared_ptr<command_runner> runner_; ///< shared with the program, which stops it
  command_sink sink_;
  watch_progress& progress_;
};

} // namespace actors::program
