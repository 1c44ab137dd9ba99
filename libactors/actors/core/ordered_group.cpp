#include "actors/core/ordered_group.hpp"

#include "actors/core/earliest.hpp"

#include <algorithm>
#include <utility>

namespace actors {

ordered_group::ordered_group(
  supervision_rules rules, std::vector<child_rules> children, group_position position)
  : child_group{rules, position} {
  children_.reserve(children.size());
  for (auto& child : children) {
    children_.emplace_back(children_.size(), std::move(child));
    join(children_.back());
  }
}

void ordered_group::start(time_point now) {
  if (!begin(now))
    return;
  for (const auto& member : children_)
    in_order_.insert(member.key);
  advance(now);
}

std::optional<time_point> ordered_group::next_due() const {
  auto due = earliest{};
  for (const auto& member : children_)
    if (may_start(member))
      due.consider(due_of(member));
  if (phase_ == phase::draining)
    due.consider(drain_due_);
  return due.first();
}

void ordered_group::tick(time_point now, double random) {
  for (auto& member : children_)
    if (may_start(member))
      tick_seat(member, now, random);
  advance(now);
}

/// As if its group restarted, with nobody else in it.
bool ordered_group::restart(child_key child, time_point now) {
  auto* member = seat_of(child);
  if (member == nullptr || phase_ != phase::running || !serves(member->state.state()))
    return false;
  if (in_order_.empty())
    group_due_ = now;
  in_order_.insert(child);
  to_stop_.insert(child);
  tell(notice_id::child_reset, *member, "it serves, and is restarted as asked");
  note_change(*member);
  advance(now);
  return true;
}

void ordered_group::each_seat(const std::function<void(seat&)>& call) {
  for (auto i = children_.size(); i-- > 0;)
    call(children_[i]);
}

// -- group restarts -------------------------------------------------------------------------------

void ordered_group::served(seat& member, time_point) {
  if (to_stop_.count(member.key) == 0) // or it stops, and starts again in its turn
    in_order_.erase(member.key);
}

/// One that is reset while it waits for its turn keeps its place in line: those after it start when
/// it is ready.
void ordered_group::retired(seat& member) {
  if (member.state.state() != child_state::backing_off)
    in_order_.erase(member.key);
  to_stop_.erase(member.key);
}

void ordered_group::forget_starts() {
  in_order_.clear();
  to_stop_.clear();
}

void ordered_group::backs_off(seat& member, time_point now) {
  to_stop_.erase(member.key);     // nothing is left to stop
  if (phase_ != phase::running) { // what it had accepted has yet to be worked off
    member.asked = member.drained = false;
    member.comes_back = true;
  } else if (rules_.strategy != restart_strategy::one_for_one) {
    group_due_ = *member.state.next_try();
    restart_from(rules_.strategy == restart_strategy::one_for_all ? 0 : member.key, now);
  }
}

bool ordered_group::ends_for_now(seat& member, time_point now) {
  if (to_stop_.erase(member.key) == 0 || member.rules.restart.type == restart_type::temporary)
    return false;
  member.state.start_at(group_due_, now);
  return true;
}

void ordered_group::restart_all(time_point due, time_point now) {
  group_due_ = due;
  restart_from(0, now);
}

/// Marks those who restart together; all wait as long as the slowest.
void ordered_group::restart_from(child_key first, time_point now) {
  for (auto i = first; i < children_.size(); ++i) {
    auto& member = children_[i];
    if (member.state.state() == child_state::stopped || member.state.state() == child_state::failed)
      continue; // it ended as it may, or was isolated: it is for a reset to start it
    if (const auto own = member.state.next_try())
      group_due_ = std::max(group_due_, *own);
    in_order_.insert(i);
    if (is_live(member.state.state()))
      to_stop_.insert(i);
    else if (member.state.state() == child_state::waiting && member.state.incarnation() != 0)
      member.state.start_at(group_due_, now); // the one that had failed
    note_change(member);
  }
}

/// Tells the last that has yet to stop to do so, and waits for it.
void ordered_group::stop_next_of_group(time_point now) {
  if (!to_stop_.empty()) {
    auto& member = children_[*to_stop_.rbegin()];
    if (member.state.state() != child_state::stopping)
      order_stop(member, now);
    return;
  }
  for (auto i : in_order_) // all wait as long as the slowest
    if (const auto own = children_[i].state.next_try(); own && *own < group_due_)
      children_[i].state.start_at(group_due_, now);
}

/// Starts the first child in line when its time has come. True when that was done.
bool ordered_group::start_next_in_order(time_point now) {
  if (in_order_.empty())
    return false;
  auto& member = children_[*in_order_.begin()];
  auto& state = member.state;
  const auto due =
    state.state() == child_state::waiting || (state.next_try() && *state.next_try() <= now);
  if (!due || state.start(now) != restart_state::order::start)
    return false;
  order_start(member);
  return true;
}

/// A child that starts in order must wait for the ones before it.
bool ordered_group::may_start(const seat& member) const {
  if (member.state.state() != child_state::backing_off || in_order_.count(member.key) == 0)
    return true;
  return to_stop_.empty() && member.key == *in_order_.begin();
}

// -- stopping -------------------------------------------------------------------------------------

/// Does whatever has become possible; called after every report and tick.
void ordered_group::advance(time_point now) {
  if (phase_ == phase::idle || phase_ == phase::done)
    return;
  let_go_of_overdue(now);
  if (phase_ == phase::running) {
    stop_next_of_group(now);
    while (to_stop_.empty() && start_next_in_order(now)) {
    }
  }
  if (phase_ == phase::draining)
    drain_next(now);
  if (phase_ == phase::stopping)
    stop_next(now);
}

/// Not only of the one that is waited for: one that was reset may have to stop after those before
/// it.
void ordered_group::let_go_of_overdue(time_point now) {
  for (auto i = children_.size(); i-- > 0;) {
    auto& member = children_[i];
    if (member.state.state() != child_state::stopping || now < member.due)
      continue;
    if (phase_ == phase::running)
      overdue(member, now);
    else
      abandon_seat(member, now);
  }
}

/// Tells the last child that has not drained to do so, and waits for it.
void ordered_group::drain_next(time_point now) {
  for (auto i = children_.size(); i-- > 0 && now < drain_due_;) {
    auto& member = children_[i];
    const auto state = member.state.state();
    const auto comes_back =
      member.comes_back && !member.drained
      && (state == child_state::starting || state == child_state::backing_off);
    if ((!serves(state) && !comes_back) || member.drained)
      continue;
    if (serves(state) && !std::exchange(member.asked, true))
      give(verb::drain, member);
    return;
  }
  end_drain(now);
}

/// Tells the last child that lives to stop, and waits for it.
void ordered_group::stop_next(time_point now) {
  for (auto i = children_.size(); i-- > 0;) {
    auto& member = children_[i];
    if (!is_live(member.state.state()))
      continue;
    if (member.state.state() != child_state::stopping)
      order_stop(member, now);
    return;
  }
  finish();
}

} // namespace actors
