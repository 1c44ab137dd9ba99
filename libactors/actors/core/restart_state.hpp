#pragma once

#include "actors/core/restart_rules.hpp"
#include "actors/core/time_point.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// The supervision state machine of one child: when it may start, when it starts again after a
/// crash, when to give up.
///
/// Has no clock, no timer and no actor: every call says what time it is (times must not go
/// backwards), `next_due` says when to call `tick`. Reports carry the incarnation they speak of;
/// those of an earlier one are ignored, so no stale timer or late message can do harm.
class restart_state {
public:
  /// What a report or the passing of time asks the caller to do.
  enum class order : std::uint8_t {
    nothing,
    start,    ///< build an instance of `incarnation()`
    give_up,  ///< the child is failed: escalate
    retire,   ///< ended as it may: state is stopped
    back_off, ///< crashed; `next_try()` says when it starts again
    overdue,  ///< the start shows no progress; the instance must be treated as hung
  };

  explicit restart_state(restart_rules rules) : rules_{rules} {}

  /// Starts the next incarnation at once. Valid in any state in which no instance exists.
  order start(time_point now);

  /// The instance is up. Ignored unless it is the present one and starting.
  bool ready(std::uint64_t incarnation, time_point now);

  /// The instance serves, but badly (`reason`), or no longer so (empty). True when it changed.
  bool degraded(std::uint64_t incarnation, std::string_view reason, time_point now);

  /// The instance showed progress; a start deadline counts from here.
  void progressed(time_point when);

  /// The instance crashed or could not start. `random` in [0,1) spreads the delay.
  order crashed(
    std::uint64_t incarnation, std::string_view error, time_point now, double random = 0.5);

  /// The instance ended by itself, without a fault.
  order ended(std::uint64_t incarnation, time_point now, double random = 0.5);

  /// Waits for `when` and starts then, without being charged: for the siblings in a group restart.
  void start_at(time_point when, time_point now);

  /// Asks for a stop. True when an instance exists and must be told; otherwise it is stopped.
  bool stop(time_point now);

  /// The instance is gone, as asked for.
  bool stopped(std::uint64_t incarnation, time_point now);

  /// It will not run again, whatever its rules say: no instance exists any more.
  void give_up(std::string_view error, time_point now);

  /// Forgets the attempts; a failed or stopped child waits for its start again.
  void reset(time_point now);

  /// When `tick` has something to do; nothing when time alone changes nothing.
  std::optional<time_point> next_due() const;
  order tick(time_point now);

  child_state state() const { return state_; }
  time_point since() const { return since_; }
  std::uint64_t incarnation() const { return incarnation_; }
  std::uint32_t attempt() const { return attempt_; }
  std::uint64_t restarts_total() const { return restarts_total_; }
  std::optional<time_point> next_try() const {
    return state_ == child_state::backing_off ? std::optional{next_try_} : std::nullopt;
  }
  const std::string& last_error() const { return last_error_; }
  const restart_rules& rules() const { return rules_; }

  /// Longer error texts are cut: they stand in every health answer.
  static constexpr std::size_t error_text_max = 256;

private:
  order fail(time_point now, double random);
  void enter(child_state state, time_point now);
  void note(std::string_view error) { last_error_ = error.substr(0, error_text_max); }
  void forget_attempts_if_stable(time_point now);

  restart_rules rules_;
  child_state state_ = child_state::waiting;
  time_point since_{};
  time_point served_since_{}; ///< when this incarnation became ready
  time_point progress_{};
  time_point next_try_{};
  std::uint64_t incarnation_ = 0;
  std::uint32_t attempt_ = 0;
  std::uint64_t restarts_total_ = 0;
  std::string last_error_;
};

} // namespace actors
