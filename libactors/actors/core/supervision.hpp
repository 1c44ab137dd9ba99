#pragma once

#include "actors/core/restart_budget.hpp"
#include "actors/core/restart_state.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// Who restarts when one child crashes. As in Erlang/OTP.
enum class restart_strategy : std::uint8_t {
  one_for_one,  ///< the child alone
  one_for_all,  ///< every child
  rest_for_one, ///< the child and those declared after it
};

struct supervision_rules {
  restart_strategy strategy = restart_strategy::one_for_one;
  restart_budget_rules budget;

  /// From the order to stop until what was accepted must have reached the sinks. Long enough for a
  /// slow reader to take a full pipe, short enough for service managers, which wait 90 s.
  std::chrono::milliseconds drain_deadline{10'000};

  /// How long one child may take to end. It is then abandoned, named and counted.
  std::chrono::milliseconds stop_deadline{5'000};

  /// The whole stop, whatever the number of children.
  std::chrono::milliseconds total_deadline{20'000};
};

struct child_rules {
  std::string id;
  restart_rules restart;
  bool significant = false; ///< when it ends by itself without a fault, the whole group ends
};

/// What a supervisor has to tell: one for each edge, never one a message.
enum class notice_id : std::uint8_t {
  child_starting,
  child_ready,
  child_degraded,
  child_recovered,
  child_crashed,
  child_backing_off,
  child_stopped,
  child_failed,
  child_hung,
  child_abandoned,
  group_budget_exceeded,
  fatal_error,
  draining,
  shutdown_report,
};

/// The stable id in logs: "child_ready", "fatal_error", ...
std::string_view name_of(notice_id id) noexcept;

struct notice {
  notice_id id{};
  std::optional<std::size_t> child; ///< nothing: it is about the group
  std::uint64_t incarnation = 0;
  std::uint32_t attempt = 0;
  std::chrono::milliseconds delay{0}; ///< child_backing_off: until the next start
  std::string text;
};

/// A thing for the supervisor to do to a child.
struct supervision_order {
  enum class verb : std::uint8_t {
    start,   ///< build the instance of `incarnation`
    drain,   ///< work off what was accepted, then report `drained`
    stop,    ///< end, then report `stopped`
    abandon, ///< it ignored its deadline: let go of it, never touch it again
    close,   ///< it will not run again: refuse its messages, count those left
  };
  verb what{};
  std::size_t child = 0;
  std::uint64_t incarnation = 0;

  friend bool operator==(const supervision_order&, const supervision_order&) = default;
};

/// The rules of one supervisor over its children, as a value: reports and times go in, orders and
/// notices come out. Children start in the order given, each when the one before is ready, and
/// stop in reverse; so declare sinks first and sources last.
///
/// Stopping: each child, last first, drains what the ones before it in that order handed on (who
/// crashes meanwhile starts once more, and drains again); then each is stopped; who ignores its
/// deadline is abandoned. A child that fails for good fails the group: one `fatal_error`, then the
/// same stop.
///
/// Has no clock and no actor. Times must not go backwards.
class supervision {
public:
  using time_point = restart_state::time_point;

  enum class phase : std::uint8_t { idle, running, draining, stopping, done };

  supervision(supervision_rules rules, std::vector<child_rules> children);

  void start(time_point now);

  // What children report. Reports of earlier incarnations are ignored.
  void on_ready(std::size_t child, std::uint64_t incarnation, time_point now);
  void on_degraded(
    std::size_t child, std::uint64_t incarnation, std::string_view reason, time_point now);
  void on_progress(std::size_t child, time_point when);
  void on_crashed(std::size_t child, std::uint64_t incarnation, std::string_view error,
    time_point now, double random = 0.5);
  void on_ended(std::size_t child, std::uint64_t incarnation, time_point now, double random = 0.5);
  void on_drained(std::size_t child, std::uint64_t incarnation, time_point now);
  void on_stopped(std::size_t child, std::uint64_t incarnation, time_point now);

  /// Begins the orderly stop. Asked a second time, it abandons who is still there.
  void stop(time_point now);

  std::optional<time_point> next_due() const;
  void tick(time_point now);

  /// What to do, in order; empty afterwards.
  std::vector<supervision_order> take_orders();

  /// What to tell, in order; empty afterwards.
  std::vector<notice> take_notices();

  phase now_in() const { return phase_; }
  bool has_failed() const { return !failure_.empty(); }

  /// Which child failed the group, and why.
  const std::string& failure() const { return failure_; }

  /// Every child is ready or degraded.
  bool is_ready() const;
  const std::vector<std::size_t>& abandoned() const { return abandoned_; }
  std::size_t size() const { return children_.size(); }
  const restart_state& child(std::size_t index) const { return children_[index].state; }
  const std::string& id(std::size_t index) const { return children_[index].rules.id; }

private:
  struct seat {
    child_rules rules;
    restart_state state;
    bool asked = false; ///< the order of the present phase was given
    bool drained = false;
    bool comes_back = false; ///< it crashed while it drained, and is waited for
    bool closed = false;     ///< the order to close is given once
    std::string degraded;    ///< reported while it was starting
    time_point due{};        ///< of the stop that was ordered
  };

  using verb = supervision_order::verb;

  void give(verb what, std::size_t child);
  void close(std::size_t child);
  void tell(notice_id id, std::size_t child, std::string text = {});
  void restart_group(std::size_t crashed);
  void drain_again(std::size_t child);
  void fail(std::size_t child, std::string text, time_point now);
  void begin_stop(time_point now);
  void gone(std::size_t child, time_point now);
  void abandon(std::size_t child, time_point now);
  void advance(time_point now);
  void stop_next_of_group(time_point now);
  bool start_next_in_order(time_point now);
  bool drain_next(time_point now);
  void end_drain(time_point now);
  bool stop_next(time_point now);
  void finish();
  bool may_start(std::size_t child) const;
  bool may_restart() const {
    return phase_ == phase::running || (phase_ == phase::draining && !has_failed());
  }

  supervision_rules rules_;
  restart_budget budget_;
  std::vector<seat> children_;
  std::set<std::size_t> in_order_; ///< start one after the other, each when the one before is ready
  std::set<std::size_t> to_stop_;  ///< siblings that a group restart still has to stop
  time_point group_due_{};         ///< when that group starts again
  phase phase_ = phase::idle;
  std::string failure_;
  time_point drain_due_{};
  time_point total_due_{};
  std::vector<std::size_t> abandoned_;
  std::vector<supervision_order> orders_;
  std::vector<notice> notices_;
};

} // namespace actors
