#include "actors/sinks/command_run.hpp"

#include "actors/core/time_point.hpp"
#include "actors/os/path_access.hpp"
#include "actors/os/poll.hpp"
#include "actors/sinks/command_call.hpp"

#include <algorithm>
#include <csignal>

namespace actors {

namespace {

using namespace std::chrono_literals;

/// How often to look for what the kernel does not tell of: the end of a command where there are no
/// pidfds, of those it left behind everywhere.
constexpr auto look_pause = 20ms;

/// Read at once: what a pipe holds by default, pipe(7).
constexpr std::size_t output_bytes = 64 * 1024;

std::string milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::to_string(
    std::chrono::round<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin)
      .count());
}

} // namespace

command_run::command_run(const command_sink_options& options, tell_function tell)
  : options_{options}, tell_{std::move(tell)}, output_{[this](std::string_view line) {
      tell_(log_level::info, "command_output", {{"line", std::string{line}}});
    }} {}

bool command_run::start(
  const gathered_changes& changes, const std::string& pipeline, std::string& failure) {
  auto call = call_for(changes, options_, pipeline, own_environment(), argument_bytes_max());
  if (call.paths_left_out != 0)
    tell_(log_level::warning, "command_paths_left_out",
      {{"paths", std::to_string(call.paths_left_out)},
        {"reason", options_.write_input ? "too many for its arguments; all are on its input"
                                        : "too many for its arguments"}});
  begun_ = clock::now();
  const auto program_name = call.arguments.front();
  auto started = find_program(program_name).and_then([&](const std::string& program) {
    return child_process::start(
      {program, std::move(call.arguments), std::move(call.environment), options_.working_directory,
        options_.write_input ? std::string_view{changes.input()} : std::string_view{},
        options_.capture_output ? child_plan::output::captured : child_plan::output::inherited});
  });
  if (!started) {
    failure = program_name + ": " + started.error().text;
    tell_(log_level::error, "command_not_started", {{"reason", failure}});
    return false;
  }
  child_.emplace(std::move(*started));
  is_output_open_ = options_.capture_output;
  if (options_.timeout.count() != 0)
    time_out_at_ = begun_ + options_.timeout;
  tell_(log_level::info, "command_started",
    {{"pid", std::to_string(child_->pid())}, {"changes", std::to_string(changes.count())}});
  return true;
}

std::optional<std::chrono::milliseconds> command_run::patience() const {
  if (has_ended_ || child_->descriptor() < 0)
    return look_pause;
  return left_until(kill_at_ ? kill_at_ : time_out_at_, clock::now());
}

void command_run::wait(int wake) {
  wait_readable(
    {wake, has_ended_ ? -1 : child_->descriptor(), is_output_open_ ? child_->output() : -1},
    patience());
  read_output();
  look();
}

void command_run::read_output() {
  if (!is_output_open_)
    return;
  if (const auto text = read_some(child_->output(), output_bytes)) {
    is_output_open_ = !text->empty();
    output_.add(*text, clock::now());
  }
}

void command_run::stop(const char* why) {
  if (!stopped_because_.empty())
    return;
  stopped_because_ = why;
  time_out_at_.reset();
  kill_at_ = clock::now() + options_.stop_timeout;
  child_->signal_group(options_.stop_signal);
  child_->signal_group(SIGCONT); // one that is stopped (SIGSTOP) hears nothing else
}

void command_run::look() {
  const auto now = clock::now();
  if (time_out_at_ && now >= *time_out_at_) {
    has_timed_out_ = true;
    stop("it took too long");
  }
  if (kill_at_ && now >= *kill_at_) {
    kill_at_.reset();
    is_killed_ = true;
    tell_(log_level::warning, "command_killed",
      {{"pid", std::to_string(child_->pid())}, {"reason", stopped_because_}});
    child_->signal_group(SIGKILL);
  }
  has_ended_ = has_ended_ || child_->has_ended();
  if (!has_ended_)
    return;
  is_over_ = is_killed_ || !child_->has_left_others();
  if (!is_over_ && stopped_because_.empty()) {
    tell_(log_level::info, "command_left_others", {{"pid", std::to_string(child_->pid())}});
    stop("others of its group are left");
  }
}

std::string command_run::finish() {
  const auto pid = std::to_string(child_->pid());
  const auto how = child_->collect();
  // What is in the pipe; who holds the other end by now has left the group, and is not waited for.
  for (auto left = 16; is_output_open_ && left > 0; --left) {
    const auto text = read_some(child_->output(), output_bytes);
    is_output_open_ = text && !text->empty();
    if (text)
      output_.add(*text, clock::now());
  }
  output_.finish(clock::now());
  if (output_.lines_left_out() != 0)
    tell_(log_level::warning, "command_output_left_out",
      {{"lines", std::to_string(output_.lines_left_out())}});
  const auto took = milliseconds_since(begun_);
  const auto was_asked = !stopped_because_.empty() && !has_timed_out_
                         && stopped_because_ != "others of its group are left";
  if (how.is_success() || was_asked) {
    tell_(log_level::info, "command_ended", {{"pid", pid}, {"status", text_of(how)}, {"ms", took}});
    return {};
  }
  auto why = has_timed_out_ ? std::string{"it took too long"} : text_of(how);
  tell_(log_level::warning, "command_failed",
    {{"pid", pid}, {"status", text_of(how)}, {"ms", took}, {"reason", why}});
  return why;
}

} // namespace actors
