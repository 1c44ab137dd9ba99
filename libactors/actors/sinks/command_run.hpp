#pragma once

#include "actors/core/command_sink_options.hpp"
#include "actors/os/child_process.hpp"
#include "actors/protocol/log_line.hpp"
#include "actors/sinks/command_output.hpp"
#include "actors/sinks/gathered_changes.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actors {

/// One run of a command, from its start until nobody of its process group is left.
class command_run {
public:
  using tell_function = std::function<void(
    log_level, const char* event, std::vector<std::pair<std::string, std::string>> fields)>;

  /// `options` must outlive it.
  command_run(const command_sink_options& options, tell_function tell);

  /// False when it could not be started; then `failure` says why.
  bool start(const gathered_changes& changes, const std::string& pipeline, std::string& failure);

  /// Waits until something happens to it, `wake` becomes readable, or it is time to do something.
  void wait(int wake);

  void signal(int number) { child_->signal_group(number); }

  /// Asks it to end; it has `stop_timeout`, then it is killed. Asking again changes nothing.
  void stop(const char* why);

  /// Requires that it was asked to end.
  void kill() { kill_at_ = clock::now(); }

  /// It has ended, and so has all that it left behind in its group.
  bool is_over() const { return is_over_; }

  /// Tells how it ended; requires that it is over. Why it failed; empty: it did not.
  std::string finish();

private:
  using clock = std::chrono::steady_clock;

  std::optional<std::chrono::milliseconds> patience() const;
  void read_output();
  void look();

  const command_sink_options& options_;
  tell_function tell_;
  command_output output_;
  std::optional<child_process> child_;
  clock::time_point begun_{};
  std::optional<clock::time_point> time_out_at_;
  std::optional<clock::time_point> kill_at_;
  std::string stopped_because_; ///< empty: nobody asked it to end
  bool has_ended_ = false;      ///< the command itself
  bool is_output_open_ = false;
  bool is_killed_ = false;
  bool has_timed_out_ = false;
  bool is_over_ = false;
};

} // namespace actors
