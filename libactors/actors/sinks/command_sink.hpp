#pragma once

#include "actors/protocol/sink.hpp"
#include "actors/sinks/command_runner.hpp"

#include <memory>
#include <utility>

namespace actors {

/// Runs a command for batches with changes; markers do not run it.
///
/// While it runs (`busy_policy::queue`) the next batch waits here, and those behind it in the
/// mailbox: they are delivered when the run that includes them is about to begin. With
/// `retry_failed` a batch is delivered when its run has ended well.
class command_sink final : public sink {
public:
  /// What is wrong with the options, or with this machine: the program is not there.
  static result<void> check(const command_sink_options& options);

  /// `runner` is shared with whoever builds the next one: a run goes on when the sink crashes.
  command_sink(std::shared_ptr<command_runner> runner, command_sink_options options)
    : runner_{std::move(runner)}, options_{std::move(options)} {}

  void offer(const event_batch& batch, sink_context& ctx) override;

private:
  void run_first_if_ready(const event_batch& batch);
  bool hand_over(const event_batch& batch, sink_context& ctx);
  void await_end(sink_context& ctx);

  std::shared_ptr<command_runner> runner_;
  command_sink_options options_;
};

} // namespace actors
