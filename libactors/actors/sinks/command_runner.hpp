#pragma once

#include "actors/core/command_sink_options.hpp"
#include "actors/core/log_sampler.hpp"
#include "actors/core/told_numbers.hpp"
#include "actors/os/child_process.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/protocol/log_line.hpp"
#include "actors/sinks/gathered_changes.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace actors {

/// Runs a command for changes, one run at a time, on a thread of its own, which lives as long as
/// this object. What it started does not outlive it.
class command_runner {
public:
  command_runner(command_sink_options options, std::string pipeline, log_function log);

  /// Stops what runs: asks, waits `stop_timeout`, kills.
  ~command_runner();

  enum class verdict : std::uint8_t {
    taken,   ///< the changes are for the run that begins next, or were dealt with as was chosen
    busy,    ///< later: `moved_descriptor` becomes readable
    stopped, ///< there are no more runs
  };
  verdict offer(const event_batch& changes);

  /// A run for no change. Only the first call does anything.
  verdict offer_first(const event& ready);

  int moved_descriptor() const { return moved_.descriptor(); }
  void await_move() { moved_.lower(); } ///< before a try that is followed by a wait

  /// Nothing runs, and nothing waits to.
  bool is_idle();

  /// How the last run ended; empty: well, or there was none.
  std::string last_failure();

  /// Begins to stop what runs; nothing is run any more. It is over when it is idle.
  void request_stop();

  /// Kills what runs, and waits so long until it is gone. Nothing is run any more.
  void kill(std::chrono::milliseconds patience);

private:
  using clock = std::chrono::steady_clock;

  verdict take(const event_batch& changes);
  void live();
  bool take_due(gathered_changes& due);
  void run_for(const gathered_changes& changes);
  void log(
    log_level level, const char* event, std::vector<std::pair<std::string, std::string>> fields);

  command_sink_options options_;
  std::string pipeline_;
  log_function log_;

  std::mutex mutex_;
  gathered_changes pending_;
  clock::time_point first_pending_{};
  clock::time_point last_pending_{};
  told_numbers taken_; ///< records that were dealt with: a crash doubles nothing
  bool is_running_ = false;
  bool had_first_ = false;
  std::string last_failure_;
  log_sampler ignored_;

  std::atomic<bool> stop_wanted_{false};
  std::atomic<bool> kill_wanted_{false};
  std::atomic<bool> restart_wanted_{false};
  std::atomic<bool> signal_wanted_{false};
  wake_event work_;
  wake_event moved_;
  std::thread thread_;
};

} // namespace actors
