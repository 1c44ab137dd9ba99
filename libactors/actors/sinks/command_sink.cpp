#include "actors/sinks/command_sink.hpp"

#include "actors/os/path_access.hpp"
#include "actors/os/poll.hpp"

#include <algorithm>
#include <csignal>

namespace actors {

namespace {

bool has_changes(const event_batch& batch) {
  return std::any_of(batch.begin(), batch.end(), [](const event& x) { return is_change(x.type); });
}

} // namespace

result<void> command_sink::check(const command_sink_options& options) {
  if (options.argv.empty() || options.argv.front().empty())
    return failure(errc::invalid_argument, "there is no command to run");
  if (options.argv.front().find('{') == 0)
    return failure(errc::invalid_argument, "a change cannot name the command that is run for it");
  for (const auto* what : {&options.argv, &options.environment})
    for (const auto& x : *what)
      if (x.find('\0') != std::string::npos)
        return failure(errc::invalid_argument, "a command cannot be given a NUL");
  for (const auto& x : options.environment)
    if (x.find('=') == std::string::npos || x.find('=') == 0)
      return failure(errc::invalid_argument, "\"" + x + "\" is no variable; write NAME=VALUE");
  for (auto number : {options.stop_signal, options.signal})
    if (number < 1 || number >= NSIG)
      return failure(errc::invalid_argument, std::to_string(number) + " is no signal");
  if (const auto program = find_program(options.argv.front()); !program)
    return failure(program.error().code, options.argv.front() + ": " + program.error().text);
  return {};
}

void command_sink::offer(const event_batch& batch, sink_context& ctx) {
  if (options_.initial)
    run_first_if_ready(batch);
  if (!has_changes(batch) || !hand_over(batch, ctx))
    return;
  if (options_.retry_failed)
    await_end(ctx);
  const auto failure = runner_->last_failure();
  ctx.note(failure.empty() ? "" : "the last run failed: " + failure);
}

void command_sink::run_first_if_ready(const event_batch& batch) {
  for (const auto& what : batch)
    if (what.type == event_type::ready)
      runner_->offer_first(what);
}

/// False when a stop came first.
bool command_sink::hand_over(const event_batch& batch, sink_context& ctx) {
  for (;;) {
    runner_->await_move();
    switch (runner_->offer(batch)) {
      case command_runner::verdict::taken: ctx.progress("hand over"); return true;
      case command_runner::verdict::stopped:
        ctx.end("no more commands are run", sink_context::fate::undelivered);
        return false;
      case command_runner::verdict::busy: break;
    }
    ctx.waiting("command"); // it may run for ever
    wait_readable({ctx.wake_descriptor(), runner_->moved_descriptor()}, std::nullopt);
    if (ctx.stop_requested())
      return false;
  }
}

void command_sink::await_end(sink_context& ctx) {
  ctx.waiting("command");
  for (;;) {
    runner_->await_move();
    if (ctx.stop_requested())
      return;
    if (runner_->is_idle())
      break;
    wait_readable({ctx.wake_descriptor(), runner_->moved_descriptor()}, std::nullopt);
  }
  ctx.progress("command ended");
  if (const auto failure = runner_->last_failure(); !failure.empty())
    ctx.fail("the command failed: " + failure);
}

} // namespace actors
