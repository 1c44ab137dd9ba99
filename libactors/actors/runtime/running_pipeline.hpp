#pragma once

#include "actors/core/health_snapshot.hpp"
#include "actors/core/supervision.hpp"
#include "actors/runtime/slot.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace actors {

/// How a pipeline ended.
struct pipeline_end {
  bool failed = false;                ///< a child failed for good
  std::vector<std::string> abandoned; ///< children that ignored their deadline
  std::size_t undelivered = 0;        ///< batches accepted and not handed on
  std::string text;                   ///< for people; never empty
};

/// A started pipeline: its slots, and the board on which its supervisor writes what it knows.
///
/// Shared by the node, the supervisor, the cells and the running threads; the last one to let go
/// destroys it. Thread-safe.
class running_pipeline {
public:
  running_pipeline(const pipeline_spec& spec, log_function log);
  ~running_pipeline();
  running_pipeline(const running_pipeline&) = delete;
  running_pipeline& operator=(const running_pipeline&) = delete;

  const std::string& name() const { return name_; }

  /// Begins the orderly stop.
  void request_stop() { reports_.request_stop(report_box::urgency::orderly); }

  /// Abandons whoever is still there.
  void abandon() { reports_.request_stop(report_box::urgency::at_once); }

  /// False when the deadline passed first.
  bool wait_until_done(time_point deadline) const;
  bool is_done() const;

  /// Valid when done.
  pipeline_end end() const;

  /// Each is called once: when done, on the supervisor's thread; at once, here, when it is done
  /// already.
  void on_done(std::function<void()> call);

  bool is_ready() const;

  /// Appends a row for each child. Reads the board and the counters; asks nobody.
  void append_health(std::vector<child_health>& rows, time_point now) const;

  // -- for the supervisor and the engine

  std::vector<std::unique_ptr<slot>>& slots() { return slots_; }
  report_box& reports() { return reports_; }
  const log_function& log() const { return log_; }

  /// Copies the supervisor's knowledge to the board.
  void post(const supervision& rules);

  void finish(const supervision& rules);

private:
  struct row {
    child_state state = child_state::waiting;
    time_point since{};
    std::uint64_t incarnation = 0;
    std::uint32_t attempt = 0;
    std::optional<time_point> next_try;
    std::string last_error;
    std::uint64_t restarts_total = 0;
  };

  const std::string name_;
  const log_function log_;
  report_box reports_;
  std::vector<std::unique_ptr<slot>> slots_;

  mutable std::mutex mutex_;
  mutable std::condition_variable done_changed_;
  std::vector<row> board_;
  bool ready_ = false;
  bool done_ = false;
  pipeline_end end_;
  std::vector<std::function<void()>> on_done_;
};

} // namespace actors
