#include "actors/core/dynamic_group.hpp"

#include "actors/core/earliest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace actors {

// -- coming and going -----------------------------------------------------------------------------

dynamic_group::addition dynamic_group::add(child_key key, child_rules rules, time_point now) {
  if (phase_ != phase::idle && phase_ != phase::running)
    return addition::not_running;
  if (keys_.count(rules.id) != 0)
    return addition::taken;
  if (children_.size() >= limits_.children_max)
    return addition::full;
  auto& member = children_.try_emplace(key, key, std::move(rules)).first->second.who;
  keys_.emplace(member.rules.id, key);
  join(member);
  if (phase_ == phase::running && member.state.start(now) == restart_state::order::start)
    order_start(member);
  return addition::added;
}

bool dynamic_group::remove(child_key key, time_point now) {
  auto* who = place_of(key);
  if (who == nullptr || who->removed)
    return false;
  who->removed = true;
  who->restarts = false;
  const auto state = who->who.state.state();
  if (state == child_state::stopping)
    return true;
  if (is_live(state)) {
    order_stop(who->who, now);
  } else {
    who->who.state.stop(now);
    note_change(who->who);
    close(who->who);
    ended(who->who);
  }
  advance(now); // it may have been the last that was waited for
  return true;
}

std::optional<child_key> dynamic_group::key_of(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? std::nullopt : std::optional{found->second};
}

/// While all stop, nobody is forgotten: what became of each is part of the result.
void dynamic_group::ended(seat& member) {
  auto& who = *place_of(member.key);
  const auto all_stop =
    phase_ == phase::draining || phase_ == phase::drained || phase_ == phase::stopping;
  const auto temporary = member.rules.restart.type == restart_type::temporary;
  if (!all_stop && (who.removed || temporary))
    forget(who);
}

void dynamic_group::forget(place& who) {
  close_for_good(who.who);
  give(verb::remove, who.who);
  leave(who.who);
  if (who.due)
    dues_.erase({*who.due, who.who.key});
  keys_.erase(who.who.rules.id);
  children_.erase(who.who.key);
}

// -- starting -------------------------------------------------------------------------------------

void dynamic_group::start(time_point now) {
  if (!begin(now))
    return;
  told_to_drain_ = told_to_stop_ = false;
  start_all(now);
}

void dynamic_group::start_all(time_point now) {
  for (auto x = children_.begin(); x != children_.end();) {
    auto& who = (x++)->second; // it may be forgotten
    const auto again = who.who.state.incarnation() != 0;
    if (who.removed || (again && who.who.rules.restart.type == restart_type::temporary))
      forget(who);
    else if (who.who.state.start(now) == restart_state::order::start)
      order_start(who.who);
  }
}

void dynamic_group::backs_off(seat& member, time_point) {
  if (phase_ == phase::running)
    return;
  member.asked = member.drained = false; // what it had accepted has yet to be worked off
  member.comes_back = true;
  note_change(member);
}

void dynamic_group::served(seat& member, time_point) {
  if (phase_ == phase::draining)
    order_drain(member);
}

bool dynamic_group::ends_for_now(seat& member, time_point now) {
  auto& who = *place_of(member.key);
  if (!who.restarts || member.rules.restart.type == restart_type::temporary)
    return false;
  who.restarts = false;
  member.state.start_at(group_due_, now);
  return true;
}

void dynamic_group::forget_starts() {
  for (auto& [key, who] : children_)
    who.restarts = false;
}

void dynamic_group::restart_all(time_point due, time_point now) {
  group_due_ = due;
  for (auto& [key, who] : children_) {
    const auto state = who.who.state.state();
    if (is_live(state) && state != child_state::stopping) {
      who.restarts = true;
      order_stop(who.who, now);
    } else if (state == child_state::waiting) { // the one that had failed
      who.who.state.start_at(due, now);
      note_change(who.who);
    }
  }
}

// -- time -----------------------------------------------------------------------------------------

std::optional<time_point> dynamic_group::next_due() const {
  auto due = earliest{};
  if (!dues_.empty())
    due.consider(dues_.begin()->first);
  if (phase_ == phase::draining)
    due.consider(drain_due_);
  return due.first();
}

void dynamic_group::tick(time_point now, double random) {
  auto due = std::vector<child_key>{};
  for (auto x = dues_.begin(); x != dues_.end() && x->first <= now; ++x)
    due.push_back(x->second);
  for (const auto key : due) {
    auto* who = place_of(key);
    if (who == nullptr)
      continue;
    if (who->who.state.state() == child_state::stopping)
      end_overdue(*who, now);
    else
      tick_seat(who->who, now, random);
    if (auto* left = seat_of(key))
      changed(*left); // whatever came of it, it is not due any more
  }
  advance(now);
}

/// It may not have stopped in time.
void dynamic_group::end_overdue(place& who, time_point now) {
  if (now < who.who.due)
    return;
  if (phase_ == phase::running)
    overdue(who.who, now);
  else
    abandon_seat(who.who, now);
}

void dynamic_group::changed(seat& member) {
  auto& who = *place_of(member.key);
  const auto drains = waits_for_drain(who);
  drains_ -= std::exchange(who.drains, drains) ? 1 : 0;
  drains_ += drains ? 1 : 0;
  const auto due = due_of(member);
  if (due == who.due)
    return;
  if (who.due)
    dues_.erase({*who.due, member.key});
  if (due)
    dues_.emplace(*due, member.key);
  who.due = due;
}

// -- stopping -------------------------------------------------------------------------------------

void dynamic_group::advance(time_point now) {
  if (phase_ == phase::draining) {
    if (!std::exchange(told_to_drain_, true))
      order_drains();
    if (drains_ == 0 || now >= drain_due_)
      end_drain(now);
  }
  if (phase_ == phase::stopping) {
    if (!std::exchange(told_to_stop_, true))
      order_stops(now);
    if (!has_live())
      finish();
  }
}

void dynamic_group::order_drains() {
  for (auto& [key, who] : children_)
    if (serves(who.who.state.state()))
      order_drain(who.who);
}

void dynamic_group::order_drain(seat& member) {
  member.asked = true;
  give(verb::drain, member);
  note_change(member);
}

void dynamic_group::order_stops(time_point now) {
  for (auto& [key, who] : children_)
    if (is_live(who.who.state.state()) && who.who.state.state() != child_state::stopping)
      order_stop(who.who, now);
}

bool dynamic_group::waits_for_drain(const place& who) const {
  const auto& member = who.who;
  const auto state = member.state.state();
  if (phase_ != phase::draining || member.drained)
    return false;
  if (serves(state))
    return member.asked;
  return member.comes_back && (state == child_state::starting || state == child_state::backing_off);
}

// -- places ---------------------------------------------------------------------------------------

dynamic_group::place* dynamic_group::place_of(child_key child) {
  const auto found = children_.find(child);
  return found == children_.end() ? nullptr : &found->second;
}

child_group::seat* dynamic_group::seat_of(child_key child) {
  auto* who = place_of(child);
  return who == nullptr ? nullptr : &who->who;
}

void dynamic_group::each_seat(const std::function<void(seat&)>& call) {
  for (auto& [key, who] : children_)
    call(who.who);
}

} // namespace actors
