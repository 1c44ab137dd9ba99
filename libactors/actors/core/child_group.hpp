#pragma once

#include "actors/core/degradation.hpp"
#include "actors/core/notice.hpp"
#include "actors/core/restart_state.hpp"
#include "actors/core/state_counts.hpp"
#include "actors/core/supervision_order.hpp"
#include "actors/core/supervision_outbox.hpp"
#include "actors/core/supervision_rules.hpp"
#include "actors/core/time_point.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// Where a group stands: what follows from its failure differs.
enum class group_position : std::uint8_t {
  root,
  nested, ///< its parent decides whether it starts again, so its mailboxes stay open
};

/// The rules of one supervisor over its children, as a value: reports and times go in, orders and
/// notices come out. What all kinds of groups have in common; they differ in who starts and stops
/// when (`ordered_group`, `dynamic_group`).
///
/// A child that crashes is charged and backs off; one that hangs is let go first, and replaced. One
/// that fails for good is dealt with as `supervision_rules::on_failure` says.
///
/// Has no clock and no actor. Times must not go backwards. Reports of earlier incarnations, and of
/// children that are gone, are ignored.
class child_group {
public:
  enum class phase : std::uint8_t {
    idle,
    running,
    draining,
    drained, ///< only after `drain`: waits for `halt`
    stopping,
    done,
  };

  virtual ~child_group() = default;

  /// Starts all children; after `done`, anew, unless too many of their instances still hang: then
  /// it fails at once.
  virtual void start(time_point now) = 0;

  // What children report.
  void on_ready(child_key child, std::uint64_t incarnation, time_point now);
  void on_trouble(child_key child, std::uint64_t incarnation, trouble kind, std::string_view text,
    time_point now);
  void on_progress(child_key child, time_point when);
  void on_crashed(child_key child, std::uint64_t incarnation, std::string_view error,
    time_point now, double random = 0.5);
  void on_hung(child_key child, std::uint64_t incarnation, std::string_view where, time_point now,
    double random = 0.5);
  void on_ended(child_key child, std::uint64_t incarnation, time_point now, double random = 0.5);
  void on_drained(child_key child, std::uint64_t incarnation, time_point now);
  void on_stopped(child_key child, std::uint64_t incarnation, time_point now);

  /// It failed for good, and what follows is already decided elsewhere.
  void on_lost(child_key child, std::uint64_t incarnation, std::string_view error, time_point now);

  /// An abandoned instance of that child has ended after all. False when none was abandoned.
  bool on_returned(std::string_view id);

  /// Begins the orderly stop: a drain, then the stops. Asked a second time, it abandons who is
  /// still there.
  void stop(time_point now);

  /// The first half of it: works off what was accepted, and waits for `halt`.
  void drain(time_point now);

  /// The second half, also without the first.
  void halt(time_point now);

  /// Lets go of everybody who still lives.
  void abandon(time_point now);

  /// Starts a failed or stopped child, attempts forgotten; one that backs off starts at once. False
  /// when there is no such child, or nothing to reset, or the group is not running.
  bool reset(child_key child, time_point now);

  /// Stops a child that serves and starts it again, charging it nothing. False when there is no
  /// such child, or it does not serve, or the group is not running or does not do such things.
  virtual bool restart(child_key, time_point) { return false; }

  /// The group fails, for a reason that is not in it.
  void fail(std::string why, time_point now);

  /// Ends for good a nested group that is done: its mailboxes are closed.
  void close_all();

  virtual std::optional<time_point> next_due() const = 0;
  virtual void tick(time_point now, double random = 0.5) = 0;

  /// What to do, in order; empty afterwards.
  std::vector<supervision_order> take_orders() { return out_.take_orders(); }

  /// What to tell, in order; empty afterwards.
  std::vector<notice> take_notices() { return out_.take_notices(); }

  /// Whose state may have changed since the last call; a child may be named twice.
  std::vector<child_key> take_changed() { return out_.take_changed(); }

  phase now_in() const { return phase_; }
  bool has_failed() const { return !failure_.empty(); }

  /// The failure must end the whole tree.
  bool ends_the_tree() const { return ends_the_tree_; }

  /// Which child failed the group, and why.
  const std::string& failure() const { return failure_; }

  /// Every child has had its start and served at least once.
  virtual bool has_started() const = 0;

  /// Every required child is ready or degraded.
  bool is_ready() const { return phase_ == phase::running && counts_.unready() == 0; }

  /// How many children are in that state: kept up to date, not counted.
  std::size_t count(child_state state) const { return counts_.in(state); }
  virtual std::size_t size() const = 0;

  /// Ids of the children with an instance that was let go and still runs.
  const std::vector<std::string>& abandoned() const { return abandoned_; }

  /// Nothing when there is no such child.
  const restart_state* find(child_key child) const;
  const std::string& id(child_key child) const { return seat_of(child)->rules.id; }

protected:
  using verb = supervision_order::verb;

  struct seat {
    child_key key;
    child_rules rules;
    restart_state state;
    std::unique_ptr<degradation> troubles; ///< most have none
    time_point due{};                      ///< of the stop that was ordered
    state_counts::share counted;
    bool asked = false; ///< the order of the present phase was given
    bool drained = false;
    bool comes_back = false; ///< it crashed while it drained, and is waited for
    bool closed = false;     ///< the order to close is given once

    seat(child_key child, child_rules with)
      : key{child}, rules{std::move(with)}, state{rules.restart}, counted{state_counts::share_of(
                                                                    state.state(),
                                                                    rules.required)} {}
  };

  child_group(supervision_rules rules, group_position position);

  const seat* seat_of(child_key child) const {
    return const_cast<child_group*>(this)->seat_of(child);
  }
  virtual seat* seat_of(child_key child) = 0;

  /// In the order of stopping.
  virtual void each_seat(const std::function<void(seat&)>& call) = 0;

  // What differs.
  virtual void served(seat& member, time_point now) = 0;       ///< it is ready
  virtual void backs_off(seat& member, time_point now) = 0;    ///< its next try is set
  virtual bool ends_for_now(seat& member, time_point now) = 0; ///< it stopped, to start again
  virtual void retired(seat& member) = 0; ///< it does not run, and waits for no turn
  virtual void ended(seat&) {}            ///< the last word about it; it may be removed
  virtual void restart_all(time_point due, time_point now) = 0;
  virtual void forget_starts() = 0;         ///< nobody waits for a turn any more
  virtual void advance(time_point now) = 0; ///< does what has become possible
  virtual void changed(seat&) {}            ///< its due time may have

  // What is the same.
  void join(seat& member);
  void leave(seat& member);
  void note_change(seat& member);
  void give(verb what, seat& member);
  void order_start(seat& member);
  void order_stop(seat& member, time_point now);
  void tell(
    notice_id id, const seat& member, std::string text = {}, std::chrono::milliseconds delay = {});
  void tick_seat(seat& member, time_point now, double random);
  std::optional<time_point> due_of(const seat& member) const;
  void abandon_seat(seat& member, time_point now);
  void let_go(seat& member);
  escalation on_failure_of(const seat& member) const {
    return member.rules.on_failure.value_or(rules_.on_failure);
  }
  void overdue(seat& member, time_point now);
  bool gone(seat& member, time_point now);
  void close(seat& member);
  void close_for_good(seat& member);
  bool has_live() const { return counts_.live() != 0; }
  void end_drain(time_point now);
  void finish();
  [[nodiscard]] bool begin(time_point now);
  bool may_restart() const {
    return phase_ == phase::running || (phase_ == phase::draining && !has_failed());
  }

  supervision_rules rules_;
  phase phase_ = phase::idle;
  time_point drain_due_{};
  time_point total_due_{};

private:
  bool is_nested() const { return position_ == group_position::nested; }
  seat* live_seat(child_key child, std::uint64_t incarnation);
  void crash(seat& member, std::string_view error, time_point now, double random);
  void hang(seat& member, const std::string& text, time_point now, double random);
  void lose(seat& member, std::string_view text, time_point now);
  void fail(seat& member, std::string text, time_point now);
  std::string too_many_around() const;
  void give_up_group(seat& member, std::string text, time_point now);
  void end_failed(time_point now);
  void significant_ended(time_point now);
  void begin_anew(time_point now);
  void begin_stop(phase first, time_point now);
  void cancel_starts(time_point now);
  bool has_room_to_replace() const { return abandoned_.size() <= rules_.abandoned_max; }
  void tell(notice_id id, std::string text = {});
  void show_troubles(seat& member, time_point now);

  /// How often `escalation::restart_group` may restart a group: a child with the default rules
  /// fails 31 s after it starts, so this is four minutes of trying; then its parent must know.
  static constexpr auto group_restarts = restart_budget_rules{5, std::chrono::hours{1}};

  const group_position position_;
  restart_budget budget_;
  restart_budget group_restarts_;
  bool waits_when_drained_ = false;
  state_counts counts_;
  std::string failure_;
  bool ends_the_tree_ = false;
  std::vector<std::string> abandoned_; ///< at most abandoned_max and the children of one stop
  supervision_outbox out_;
};

/// What a shutdown report says: who had to be abandoned.
std::string shutdown_text(const std::vector<std::string>& abandoned);

} // namespace actors
