// The phases of a group as a whole: how it stops, and starts anew. What befalls a single child is
// in child_group.cpp.

#include "actors/core/child_group.hpp"

#include <algorithm>
#include <utility>

namespace actors {

// -- what is asked for ----------------------------------------------------------------------------

void child_group::stop(time_point now) {
  switch (phase_) {
    case phase::idle:
    case phase::running: begin_stop(phase::draining, now); return advance(now);
    case phase::draining:
    case phase::drained:
    case phase::stopping: return abandon(now);
    case phase::done: return;
  }
}

void child_group::drain(time_point now) {
  if (phase_ != phase::idle && phase_ != phase::running)
    return;
  waits_when_drained_ = true;
  begin_stop(phase::draining, now);
  advance(now);
}

void child_group::halt(time_point now) {
  if (phase_ == phase::stopping || phase_ == phase::done)
    return;
  waits_when_drained_ = false;
  if (phase_ == phase::idle || phase_ == phase::running) {
    begin_stop(phase::stopping, now);
  } else {
    total_due_ = now + rules_.total_deadline;
    end_drain(now);
  }
  advance(now);
}

void child_group::abandon(time_point now) {
  if (phase_ == phase::done)
    return;
  if (phase_ == phase::idle || phase_ == phase::running)
    begin_stop(phase::stopping, now);
  waits_when_drained_ = false;
  each_seat([&](seat& member) {
    if (is_live(member.state.state()))
      abandon_seat(member, now);
  });
  end_drain(now);
  advance(now);
}

void child_group::close_all() {
  each_seat([&](seat& member) { close_for_good(member); });
}

// -- why it stops by itself -----------------------------------------------------------------------

void child_group::fail(std::string why, time_point now) {
  if (!failure_.empty() || phase_ == phase::done)
    return;
  failure_ = std::move(why);
  if (!is_nested())
    tell(notice_id::fatal_error, failure_);
  end_failed(now);
  advance(now);
}

/// A nested group ends at once: it may start again, and then works off what it has accepted.
void child_group::end_failed(time_point now) {
  if (phase_ == phase::running)
    return begin_stop(is_nested() ? phase::stopping : phase::draining, now);
  cancel_starts(now); // of those who were to come back to drain
  if (is_nested() && phase_ == phase::draining) {
    waits_when_drained_ = false;
    end_drain(now);
  }
}

void child_group::significant_ended(time_point now) {
  if (rules_.ends_with == auto_shutdown::never)
    return;
  auto left = false;
  if (rules_.ends_with == auto_shutdown::all_significant)
    each_seat([&](seat& member) {
      const auto state = member.state.state();
      left |=
        member.rules.significant && state != child_state::stopped && state != child_state::failed;
    });
  if (!left)
    begin_stop(phase::draining, now);
}

// -- from phase to phase --------------------------------------------------------------------------

void child_group::begin_stop(phase first, time_point now) {
  phase_ = first;
  if (first == phase::draining)
    tell(notice_id::draining);
  drain_due_ = now + std::min(rules_.drain_deadline, rules_.total_deadline);
  total_due_ = now + rules_.total_deadline;
  forget_starts();
  each_seat([&](seat& member) {
    member.asked = member.state.state() == child_state::stopping;
    member.due = std::min(member.due, total_due_);
    note_change(member);
  });
  cancel_starts(now);
}

/// Whoever waits for a start waits in vain.
void child_group::cancel_starts(time_point now) {
  each_seat([&](seat& member) {
    if (is_live(member.state.state()) || member.state.state() == child_state::failed)
      return;
    member.state.stop(now);
    note_change(member);
    close(member);
  });
}

void child_group::end_drain(time_point now) {
  phase_ = waits_when_drained_ ? phase::drained : phase::stopping;
  each_seat([&](seat& member) {
    member.asked = member.state.state() == child_state::stopping;
    if (!member.asked)
      return;
    member.due = std::min(member.due, total_due_);
    note_change(member);
  });
  cancel_starts(now);
}

void child_group::finish() {
  phase_ = phase::done;
  if (!is_nested())
    tell(notice_id::shutdown_report, shutdown_text(abandoned_));
}

/// True when the group is to start its children now.
bool child_group::begin(time_point now) {
  if (phase_ == phase::idle) {
    phase_ = phase::running;
    return true;
  }
  if (phase_ != phase::done)
    return false;
  begin_anew(now);
  if (!has_room_to_replace())
    fail(too_many_around(), now);
  return phase_ == phase::running;
}

/// A group that is done starts again: every child from the beginning, but none forgets who it was.
void child_group::begin_anew(time_point now) {
  phase_ = phase::running;
  failure_.clear();
  ends_the_tree_ = waits_when_drained_ = false;
  budget_ = restart_budget{rules_.budget};
  group_restarts_ = restart_budget{group_restarts};
  each_seat([&](seat& member) {
    member.state.reset(now);
    member.asked = member.drained = member.comes_back = false;
    member.due = {};
    note_change(member);
  });
}

std::string shutdown_text(const std::vector<std::string>& abandoned) {
  auto text = std::string{};
  for (const auto& id : abandoned)
    text += (text.empty() ? "abandoned: " : ", ") + id;
  return text.empty() ? "all children stopped" : text;
}

} // namespace actors
