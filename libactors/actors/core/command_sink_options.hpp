#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace actors {

/// What happens when changes come while the command still runs.
enum class busy_policy : std::uint8_t {
  queue,   ///< it runs again when it has ended, once, for all that came meanwhile
  ignore,  ///< they are passed over, and counted
  restart, ///< it is stopped, and started for the new ones
  signal,  ///< it is sent `signal`, and goes on
};

/// A command that is run for each batch of changes.
struct command_sink_options {
  /// The program and its arguments, given to execvp(3) and to no shell. An argument "{}" becomes
  /// all paths, one argument each; "{path}" and "{type}" in an argument become those of the first
  /// change.
  std::vector<std::string> argv;

  busy_policy on_busy = busy_policy::queue; ///< what comes while it runs

  /// Asks it to end; it has `stop_timeout` before it is killed. Of its whole process group.
  int stop_signal = 15;
  /// From the polite signal to SIGKILL.
  std::chrono::milliseconds stop_timeout{10'000};

  /// What `busy_policy::signal` sends: SIGHUP.
  int signal = 1;

  /// Killed when one run takes longer; 0: it may run for ever.
  std::chrono::milliseconds timeout{0};

  /// The changes are written to its standard input as NDJSON. Otherwise that is /dev/null.
  bool write_input = true;

  /// Its output goes to the log, a line at a time. Otherwise to where ours goes.
  bool capture_output = false;

  /// A run that fails is an error: the batch is given again after a pause, and then given up, as
  /// with any crash. Otherwise it is logged and counted.
  bool retry_failed = false;

  /// It is run once when the first root is ready, for no change at all.
  bool initial = false;

  /// Variables besides ours, as NAME=VALUE.
  std::vector<std::string> environment;

  std::string working_directory; ///< empty: ours

  friend bool operator==(const command_sink_options&, const command_sink_options&) = default;
};

} // namespace actors
