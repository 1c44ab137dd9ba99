#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/core/time_point.hpp"
#include "actors/protocol/log_line.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// What became of a batch that was handed on.
enum class emit_result : std::uint8_t {
  taken,    ///< it is downstream's now (or, when a lossy policy was chosen, counted as lost)
  full,     ///< keep it: there is no room. You are told when there is.
  rejected, ///< it is not wanted, and counted; nobody will tell you of room (a policy was chosen)
};

/// Thrown by `fail`. Any other exception that leaves a handler means the same: a crash.
class stage_failure : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// What every hosted object may do, whatever its kind. Valid only while a call of its host lasts,
/// and only on the thread of that call.
class base_context {
public:
  virtual ~base_context() = default;

  /// The host's clock: monotonic, and virtual in tests.
  virtual time_point now() const = 0;

  /// Writes one line, with the child's id added. For edges, not for every message.
  virtual void log(log_level level, std::string_view event,
    std::vector<std::pair<std::string, std::string>> fields = {}) = 0;

  /// Says that work goes on, and what it is; health shows it, and long work is not taken for a hang
  /// (`child_rules::hang_after` without a sign of it). `activity` must be a string literal, or live
  /// as long.
  virtual void progress(const char* activity) = 0;

  /// Waits for something outside (`for_what`, a string literal) and may do so for ever: that is no
  /// hang. Holds until the next `progress`.
  virtual void waiting(const char* for_what) = 0;

  /// What it works with, for people: health shows it beside the state, as it was said last.
  virtual void note(std::string_view text) = 0;

  /// Serving, but not as it should: health shows the reason until `recovered`.
  virtual void degraded(std::string_view reason) = 0;
  virtual void recovered() = 0; ///< it serves as it should

  /// Ends this incarnation with an error; the supervisor starts the next one.
  [[noreturn]] void fail(const std::string& reason) { throw stage_failure{reason}; }
};

/// Names a timer that was set. Timers cannot be cancelled: ignore the ones you no longer want.
using timer_token = std::uint64_t;

/// What a stage's handler may do. Emits, releases and timers take effect when the handler returns;
/// if it throws, none of them happened.
class context : public base_context {
public:
  /// Hands a batch downstream. After `full`, no batch is given to the stage until `on_room`. An
  /// empty batch is taken and forgotten.
  [[nodiscard]] virtual emit_result emit(event_batch batch) = 0;

  /// Lets go of every batch given so far (`release_mode::manual` only): what became of them is safe
  /// downstream, and a crash need not bring them back.
  virtual void release() = 0;

  /// Calls `on_timer` once, after `delay` or a little later, unless the stage crashes first.
  virtual timer_token after(std::chrono::milliseconds delay) = 0;

  /// How full the stage's own mailbox is, 0 to 1, batches not released included. A stage that holds
  /// its input back must hand something on before it is full.
  virtual double input_fill() const = 0;
};

/// What a source may do.
class source_context : public base_context {
public:
  /// Hands a batch downstream, at once. After `full` the wake descriptor becomes readable when
  /// there is room. An empty batch is taken and forgotten.
  [[nodiscard]] virtual emit_result emit(event_batch batch) = 0;

  /// Readable when there is news: a stop, a drain, room; until `acknowledge`.
  virtual int wake_descriptor() const = 0;
  /// Makes the wake descriptor unreadable; true when it was readable.
  virtual bool acknowledge() = 0;

  /// The source must hand on what it has and return soon.
  virtual bool drain_requested() const = 0;

  /// The source must return now.
  virtual bool stop_requested() const = 0;

  /// The source works; whoever waits for it may start.
  virtual void ready() = 0;
};

/// What a sink may do.
class sink_context : public base_context {
public:
  /// Readable when the sink must stop; for sinks that wait on a descriptor of their own.
  virtual int wake_descriptor() const = 0;
  /// The sink must return now.
  virtual bool stop_requested() const = 0;

  /// What became of the batch in work.
  enum class fate : std::uint8_t { delivered, undelivered };

  /// The receiver will never take these records of the batch in work: they are counted as lost, and
  /// a dead letter tells of them. Say why in the log.
  virtual void lost(const event_batch& records) = 0;

  /// The oldest so many of the offers that were taken and not released are safe where they went
  /// (`release_mode::manual` only). Requires that there are so many.
  virtual void release(std::size_t offers) = 0;

  /// There is no more to do, and that is no fault: the pipeline ends cleanly after this call of the
  /// sink.
  virtual void end(std::string_view why, fate of_batch) = 0;
};

} // namespace actors
