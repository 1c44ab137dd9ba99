#include "actors/core/child_group.hpp"

#include "actors/core/earliest.hpp"

#include <algorithm>
#include <utility>

namespace actors {

child_group::child_group(supervision_rules rules, group_position position)
  : rules_{rules}, position_{position}, budget_{rules.budget}, group_restarts_{group_restarts} {}

// -- what is reported -----------------------------------------------------------------------------

void child_group::on_ready(child_key child, std::uint64_t incarnation, time_point now) {
  auto* member = seat_of(child);
  if (member == nullptr || !member->state.ready(incarnation, now))
    return;
  note_change(*member);
  tell(notice_id::child_ready, *member);
  show_troubles(*member, now);
  served(*member, now);
  advance(now);
}

void child_group::on_trouble(
  child_key child, std::uint64_t incarnation, trouble kind, std::string_view text, time_point now) {
  auto* member = seat_of(child);
  if (member == nullptr || incarnation != member->state.incarnation()
      || (text.empty() && !member->troubles))
    return;
  if (!member->troubles)
    member->troubles = std::make_unique<degradation>();
  member->troubles->note(kind, text, now);
  show_troubles(*member, now);
  note_change(*member);
}

void child_group::on_progress(child_key child, time_point when) {
  if (auto* member = seat_of(child)) {
    member->state.progressed(when);
    note_change(*member);
  }
}

void child_group::on_crashed(child_key child, std::uint64_t incarnation, std::string_view error,
  time_point now, double random) {
  if (auto* member = live_seat(child, incarnation))
    crash(*member, error, now, random);
}

void child_group::on_hung(child_key child, std::uint64_t incarnation, std::string_view where,
  time_point now, double random) {
  if (auto* member = live_seat(child, incarnation))
    hang(*member, std::string{where}, now, random);
}

void child_group::on_ended(
  child_key child, std::uint64_t incarnation, time_point now, double random) {
  auto* member = live_seat(child, incarnation);
  if (member == nullptr)
    return;
  const auto was_told = member->state.state() == child_state::stopping;
  if (member->rules.restart.type == restart_type::permanent && phase_ == phase::running
      && !was_told)
    return crash(*member, "ended by itself, which a permanent child must not", now, random);
  if (phase_ != phase::running)
    member->state.stop(now); // as in crash
  member->state.ended(incarnation, now, random);
  note_change(*member);
  const auto significant = member->rules.significant && phase_ == phase::running && !was_told;
  if (gone(*member, now) && significant)
    significant_ended(now);
  advance(now);
}

void child_group::on_drained(child_key child, std::uint64_t incarnation, time_point now) {
  auto* member = seat_of(child);
  if (member == nullptr || incarnation != member->state.incarnation())
    return;
  member->drained = true;
  note_change(*member);
  advance(now);
}

void child_group::on_stopped(child_key child, std::uint64_t incarnation, time_point now) {
  auto* member = seat_of(child);
  if (member == nullptr || !member->state.stopped(incarnation, now))
    return;
  note_change(*member);
  gone(*member, now);
  advance(now);
}

void child_group::on_lost(
  child_key child, std::uint64_t incarnation, std::string_view error, time_point now) {
  auto* member = live_seat(child, incarnation);
  if (member == nullptr)
    return;
  lose(*member, error, now);
  close(*member);
  advance(now);
}

bool child_group::on_returned(std::string_view id) {
  const auto found = std::find(abandoned_.begin(), abandoned_.end(), id);
  if (found == abandoned_.end())
    return false;
  abandoned_.erase(found);
  return true;
}

// -- what is asked for ----------------------------------------------------------------------------

bool child_group::reset(child_key child, time_point now) {
  auto* member = seat_of(child);
  if (member == nullptr || phase_ != phase::running)
    return false;
  const auto state = member->state.state();
  if (state != child_state::failed && state != child_state::stopped
      && state != child_state::backing_off)
    return false;
  retired(*member); // it does not wait for its turn in a group any more
  member->state.reset(now);
  member->state.start(now);
  tell(notice_id::child_reset, *member);
  order_start(*member);
  return true;
}

const restart_state* child_group::find(child_key child) const {
  const auto* member = seat_of(child);
  return member == nullptr ? nullptr : &member->state;
}

// -- crashes and failures -------------------------------------------------------------------------

child_group::seat* child_group::live_seat(child_key child, std::uint64_t incarnation) {
  auto* member = seat_of(child);
  if (member == nullptr || incarnation != member->state.incarnation()
      || !is_live(member->state.state()))
    return nullptr;
  return member;
}

void child_group::crash(seat& member, std::string_view error, time_point now, double random) {
  tell(notice_id::child_crashed, member, std::string{error});
  if (!may_restart())
    member.state.stop(now); // nobody is restarted while all are being stopped
  const auto order = member.state.crashed(member.state.incarnation(), error, now, random);
  note_change(member);
  if (order == restart_state::order::give_up)
    return fail(member, std::string{error}, now);
  if (order != restart_state::order::back_off) {
    gone(member, now);
    return advance(now);
  }
  if (!budget_.spend(now)) {
    tell(notice_id::group_budget_exceeded, member, std::string{error});
    return fail(member, "the group restarted too often: " + std::string{error}, now);
  }
  tell(notice_id::child_backing_off, member, {}, left_until(*member.state.next_try(), now));
  backs_off(member, now);
  advance(now);
}

void child_group::hang(seat& member, const std::string& text, time_point now, double random) {
  tell(notice_id::child_hung, member, text);
  let_go(member);
  const auto is_wanted = may_restart() && member.state.state() != child_state::stopping;
  if (is_wanted && !has_room_to_replace())
    return fail(member, text + "; " + too_many_around(), now);
  crash(member, text, now, random);
}

/// It was told to stop, in a group that runs, and did not: its successor gets another thread, and
/// the same mailbox.
void child_group::overdue(seat& member, time_point now) {
  let_go(member);
  member.state.stopped(member.state.incarnation(), now);
  note_change(member);
  if (!gone(member, now) && !has_room_to_replace())
    fail(member, "did not stop in time; " + too_many_around(), now);
}

std::string child_group::too_many_around() const {
  return std::to_string(abandoned_.size()) + " instances that hang are still around";
}

void child_group::lose(seat& member, std::string_view text, time_point now) {
  member.state.give_up(text, now);
  note_change(member);
  tell(notice_id::child_failed, member, std::string{text});
  retired(member);
}

/// It will not run again by itself: what that means for the group is its rules' choice.
void child_group::fail(seat& member, std::string text, time_point now) {
  lose(member, text, now);
  if (phase_ == phase::running && on_failure_of(member) == escalation::isolate) {
    close(member);
    tell(notice_id::fatal_error, member, std::move(text)); // escalation ends here
    ended(member);
    return advance(now);
  }
  if (phase_ == phase::running && on_failure_of(member) == escalation::restart_group
      && has_room_to_replace() && group_restarts_.spend(now)) {
    tell(notice_id::group_restarting, member, std::move(text));
    member.state.reset(now);
    restart_all(now + member.rules.restart.backoff.cap, now);
    return advance(now);
  }
  give_up_group(member, std::move(text), now);
}

void child_group::give_up_group(seat& member, std::string text, time_point now) {
  if (failure_.empty()) {
    failure_ = member.rules.id + ": " + text;
    ends_the_tree_ = on_failure_of(member) == escalation::shutdown;
    if (!is_nested())
      tell(notice_id::fatal_error, member, std::move(text));
    end_failed(now);
  }
  close(member);
  advance(now);
}

// -- ends -----------------------------------------------------------------------------------------

/// An instance is gone for good (true), or until its group starts again.
bool child_group::gone(seat& member, time_point now) {
  tell(notice_id::child_stopped, member);
  if (ends_for_now(member, now)) {
    note_change(member);
    return false;
  }
  close(member);
  retired(member);
  ended(member);
  return true;
}

/// The instance runs on, somewhere, and nobody speaks to it any more.
void child_group::let_go(seat& member) {
  give(verb::abandon, member);
  tell(notice_id::child_abandoned, member);
  abandoned_.push_back(member.rules.id);
}

void child_group::abandon_seat(seat& member, time_point now) {
  let_go(member);
  member.state.stop(now);
  member.state.stopped(member.state.incarnation(), now);
  note_change(member);
  close(member);
}

// -- orders, notices and counts -------------------------------------------------------------------

void child_group::give(verb what, seat& member) {
  out_.order({what, member.key, member.state.incarnation()});
}

void child_group::order_start(seat& member) {
  tell(notice_id::child_starting, member);
  member.closed = false;
  if (member.troubles)
    member.troubles->begin_anew();
  give(verb::start, member);
  note_change(member);
}

void child_group::order_stop(seat& member, time_point now) {
  member.state.stop(now);
  member.due = now + member.rules.stop_deadline.value_or(rules_.stop_deadline);
  if (phase_ == phase::draining || phase_ == phase::stopping) // drained, it waits in its own time
    member.due = std::min(member.due, total_due_);
  give(verb::stop, member);
  note_change(member);
}

/// While a nested group stops, its parent may mean to start it again.
void child_group::close(seat& member) {
  if (!is_nested() || phase_ == phase::running)
    close_for_good(member);
}

void child_group::close_for_good(seat& member) {
  if (!std::exchange(member.closed, true))
    give(verb::close, member);
}

void child_group::tell(
  notice_id id, const seat& member, std::string text, std::chrono::milliseconds delay) {
  const auto& state = member.state;
  out_.tell({id, member.key, state.incarnation(), state.attempt(), delay, std::move(text)});
}

void child_group::tell(notice_id id, std::string text) {
  out_.tell({id, std::nullopt, 0, 0, {}, std::move(text)});
}

void child_group::show_troubles(seat& member, time_point now) {
  if (!member.troubles || !serves(member.state.state()))
    return;
  const auto& text = member.troubles->shown(now);
  if (member.state.degraded(member.state.incarnation(), text, now))
    tell(text.empty() ? notice_id::child_recovered : notice_id::child_degraded, member, text);
  note_change(member);
  if (member.troubles->is_over())
    member.troubles.reset();
}

void child_group::tick_seat(seat& member, time_point now, double random) {
  show_troubles(member, now);
  if (!may_restart())
    return;
  switch (member.state.tick(now)) {
    case restart_state::order::start: order_start(member); break;
    case restart_state::order::overdue:
      hang(member, "its start showed no progress within the deadline", now, random);
      break;
    default: note_change(member); break;
  }
}

std::optional<time_point> child_group::due_of(const seat& member) const {
  if (member.state.state() == child_state::stopping)
    return member.due;
  auto due = earliest{};
  if (may_restart())
    due.consider(member.state.next_due());
  if (member.troubles && serves(member.state.state()))
    due.consider(member.troubles->next_due());
  return due.first();
}

void child_group::join(seat& member) {
  counts_.add(member.counted);
  out_.changed(member.key);
}

void child_group::leave(seat& member) {
  counts_.remove(member.counted);
  out_.changed(member.key);
}

void child_group::note_change(seat& member) {
  counts_.remove(member.counted);
  member.counted = state_counts::share_of(member.state.state(), member.rules.required);
  counts_.add(member.counted);
  out_.changed(member.key);
  changed(member);
}

} // namespace actors
