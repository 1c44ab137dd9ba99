#include "actors/core/supervision.hpp"

#include <algorithm>
#include <utility>

namespace actors {

std::string_view name_of(notice_id id) noexcept {
  switch (id) {
    case notice_id::child_starting: return "child_starting";
    case notice_id::child_ready: return "child_ready";
    case notice_id::child_degraded: return "child_degraded";
    case notice_id::child_recovered: return "child_recovered";
    case notice_id::child_crashed: return "child_crashed";
    case notice_id::child_backing_off: return "child_backing_off";
    case notice_id::child_stopped: return "child_stopped";
    case notice_id::child_failed: return "child_failed";
    case notice_id::child_hung: return "child_hung";
    case notice_id::child_abandoned: return "child_abandoned";
    case notice_id::group_budget_exceeded: return "group_budget_exceeded";
    case notice_id::fatal_error: return "fatal_error";
    case notice_id::draining: return "draining";
    case notice_id::shutdown_report: return "shutdown_report";
  }
  return "unknown";
}

supervision::supervision(supervision_rules rules, std::vector<child_rules> children)
  : rules_{rules}, budget_{rules.budget} {
  children_.reserve(children.size());
  for (auto& child : children) {
    auto state = restart_state{child.restart};
    children_.push_back({std::move(child), std::move(state)});
  }
}

// -- what is reported -----------------------------------------------------------------------------

void supervision::start(time_point now) {
  if (phase_ != phase::idle)
    return;
  phase_ = phase::running;
  for (std::size_t i = 0; i < children_.size(); ++i)
    in_order_.insert(i);
  advance(now);
}

void supervision::on_ready(std::size_t child, std::uint64_t incarnation, time_point now) {
  if (!children_[child].state.ready(incarnation, now))
    return;
  in_order_.erase(child);
  tell(notice_id::child_ready, child);
  if (auto reason = std::exchange(children_[child].degraded, {}); !reason.empty())
    on_degraded(child, incarnation, reason, now);
  advance(now);
}

void supervision::on_degraded(
  std::size_t child, std::uint64_t incarnation, std::string_view reason, time_point now) {
  auto& member = children_[child];
  if (member.state.state() == child_state::starting && member.state.incarnation() == incarnation) {
    member.degraded = reason; // it shows when it is ready
    return;
  }
  if (member.state.degraded(incarnation, reason, now))
    tell(reason.empty() ? notice_id::child_recovered : notice_id::child_degraded, child,
      std::string{reason});
}

void supervision::on_progress(std::size_t child, time_point when) {
  children_[child].state.progressed(when);
}

void supervision::on_crashed(std::size_t child, std::uint64_t incarnation, std::string_view error,
  time_point now, double random) {
  auto& state = children_[child].state;
  if (incarnation != state.incarnation() || !is_live(state.state()))
    return;
  tell(notice_id::child_crashed, child, std::string{error});
  if (!may_restart())
    state.stop(now); // nobody is restarted while all are being stopped
  switch (state.crashed(incarnation, error, now, random)) {
    case restart_state::order::back_off:
      to_stop_.erase(child); // nothing is left to stop
      if (!budget_.spend(now)) {
        tell(notice_id::group_budget_exceeded, child, std::string{error});
        return fail(child, "the group restarted too often: " + std::string{error}, now);
      }
      tell(notice_id::child_backing_off, child);
      notices_.back().delay = std::chrono::ceil<std::chrono::milliseconds>(*state.next_try() - now);
      if (phase_ == phase::running)
        restart_group(child);
      else
        drain_again(child); // what it had accepted has yet to be worked off
      break;
    case restart_state::order::give_up: return fail(child, std::string{error}, now);
    default: gone(child, now); break;
  }
  advance(now);
}

void supervision::on_ended(
  std::size_t child, std::uint64_t incarnation, time_point now, double random) {
  auto& member = children_[child];
  if (incarnation != member.state.incarnation() || !is_live(member.state.state()))
    return;
  if (member.rules.restart.type == restart_type::permanent && phase_ == phase::running
      && member.state.state() != child_state::stopping)
    return on_crashed(
      child, incarnation, "ended by itself, which a permanent child must not", now, random);
  if (phase_ != phase::running)
    member.state.stop(now); // as in on_crashed
  member.state.ended(incarnation, now, random);
  const auto by_itself = phase_ == phase::running && to_stop_.count(child) == 0;
  gone(child, now);
  if (by_itself && member.rules.significant)
    begin_stop(now);
  advance(now);
}

void supervision::on_drained(std::size_t child, std::uint64_t incarnation, time_point now) {
  if (incarnation != children_[child].state.incarnation())
    return;
  children_[child].drained = true;
  advance(now);
}

void supervision::on_stopped(std::size_t child, std::uint64_t incarnation, time_point now) {
  if (!children_[child].state.stopped(incarnation, now))
    return;
  gone(child, now);
  advance(now);
}

void supervision::stop(time_point now) {
  switch (phase_) {
    case phase::idle:
    case phase::running: begin_stop(now); break;
    case phase::draining:
    case phase::stopping:
      for (auto i = children_.size(); i-- > 0;)
        if (is_live(children_[i].state.state()))
          abandon(i, now);
      end_drain(now);
      break;
    case phase::done: return;
  }
  advance(now);
}

std::optional<supervision::time_point> supervision::next_due() const {
  auto earliest = std::optional<time_point>{};
  auto consider = [&](time_point when) { earliest = earliest ? std::min(*earliest, when) : when; };
  for (std::size_t i = 0; i < children_.size(); ++i) {
    const auto& member = children_[i];
    if (member.state.state() == child_state::stopping)
      consider(member.due);
    else if (auto due = member.state.next_due(); due && may_restart() && may_start(i))
      consider(*due);
  }
  if (phase_ == phase::draining)
    consider(drain_due_);
  return earliest;
}

void supervision::tick(time_point now) {
  for (std::size_t i = 0; i < children_.size() && may_restart(); ++i) {
    if (!may_start(i))
      continue;
    switch (children_[i].state.tick(now)) {
      case restart_state::order::start:
        tell(notice_id::child_starting, i);
        children_[i].degraded.clear();
        give(verb::start, i);
        break;
      case restart_state::order::overdue: {
        const auto text = "its start showed no progress within the deadline";
        tell(notice_id::child_hung, i, text);
        abandon(i, now);
        fail(i, text, now);
        break;
      }
      default: break;
    }
  }
  advance(now);
}

std::vector<supervision_order> supervision::take_orders() {
  return std::exchange(orders_, {});
}

std::vector<notice> supervision::take_notices() {
  return std::exchange(notices_, {});
}

bool supervision::is_ready() const {
  return phase_ == phase::running
         && std::all_of(children_.begin(), children_.end(),
           [](const seat& x) { return serves(x.state.state()); });
}

// -- what follows ---------------------------------------------------------------------------------

void supervision::give(verb what, std::size_t child) {
  orders_.push_back({what, child, children_[child].state.incarnation()});
}

void supervision::close(std::size_t child) {
  if (!std::exchange(children_[child].closed, true))
    give(verb::close, child);
}

void supervision::tell(notice_id id, std::size_t child, std::string text) {
  const auto& state = children_[child].state;
  notices_.push_back({id, child, state.incarnation(), state.attempt(), {}, std::move(text)});
}

/// Marks the siblings that restart together with `crashed`; all wait as long as the slowest.
void supervision::restart_group(std::size_t crashed) {
  if (rules_.strategy == restart_strategy::one_for_one)
    return;
  const auto first = rules_.strategy == restart_strategy::one_for_all ? 0 : crashed;
  group_due_ = *children_[crashed].state.next_try();
  for (auto i = first; i < children_.size(); ++i) {
    const auto& state = children_[i].state;
    if (auto own = state.next_try())
      group_due_ = std::max(group_due_, *own);
    if (state.state() == child_state::stopped)
      continue; // it ended as it may
    in_order_.insert(i);
    if (is_live(state.state()))
      to_stop_.insert(i);
  }
}

/// A child that crashed while it drained starts once more, and drains from the beginning.
void supervision::drain_again(std::size_t child) {
  auto& member = children_[child];
  member.asked = member.drained = false;
  member.comes_back = true;
}

void supervision::fail(std::size_t child, std::string text, time_point now) {
  children_[child].state.give_up(text, now);
  tell(notice_id::child_failed, child, text);
  close(child);
  if (failure_.empty()) {
    failure_ = id(child) + ": " + text;
    tell(notice_id::fatal_error, child, std::move(text));
  }
  if (phase_ == phase::running)
    begin_stop(now);
  advance(now);
}

void supervision::begin_stop(time_point now) {
  phase_ = phase::draining;
  notices_.push_back({notice_id::draining, std::nullopt, 0, 0, {}, {}});
  drain_due_ = now + std::min(rules_.drain_deadline, rules_.total_deadline);
  total_due_ = now + rules_.total_deadline;
  in_order_.clear();
  to_stop_.clear();
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& member = children_[i];
    member.asked = member.state.state() == child_state::stopping;
    member.due = std::min(member.due, total_due_);
    if (!is_live(member.state.state()) && member.state.state() != child_state::failed) {
      member.state.stop(now);
      close(i);
    }
  }
}

/// An instance is gone for good, or until its group starts again.
void supervision::gone(std::size_t child, time_point now) {
  auto& member = children_[child];
  tell(notice_id::child_stopped, child);
  if (to_stop_.erase(child) != 0) {
    if (member.rules.restart.type != restart_type::temporary)
      return member.state.start_at(group_due_, now);
  }
  in_order_.erase(child);
  close(child);
}

void supervision::abandon(std::size_t child, time_point now) {
  auto& state = children_[child].state;
  give(verb::abandon, child);
  tell(notice_id::child_abandoned, child);
  abandoned_.push_back(child);
  state.stop(now);
  state.stopped(state.incarnation(), now);
  close(child);
}

/// Does whatever has become possible; called after every report and tick.
void supervision::advance(time_point now) {
  switch (phase_) {
    case phase::idle:
    case phase::done: return;
    case phase::running:
      stop_next_of_group(now);
      if (to_stop_.empty())
        while (start_next_in_order(now)) {
        }
      return;
    case phase::draining:
      for (std::size_t i = 0; i < children_.size(); ++i)
        if (children_[i].state.state() == child_state::stopping && now >= children_[i].due)
          abandon(i, now); // a group restart had told it to stop
      while (drain_next(now)) {
      }
      if (phase_ != phase::stopping)
        return;
      [[fallthrough]];
    case phase::stopping:
      while (stop_next(now)) {
      }
      return;
  }
}

void supervision::stop_next_of_group(time_point now) {
  while (!to_stop_.empty()) {
    const auto last = *to_stop_.rbegin();
    auto& member = children_[last];
    if (member.state.state() != child_state::stopping) {
      member.state.stop(now);
      member.due = now + rules_.stop_deadline;
      give(verb::stop, last);
      return;
    }
    if (now < member.due)
      return;
    to_stop_.erase(last);
    abandon(last, now);
    return fail(last, "did not stop within its deadline", now);
  }
  for (auto i : in_order_) // all wait as long as the slowest
    if (auto own = children_[i].state.next_try(); own && *own < group_due_)
      children_[i].state.start_at(group_due_, now);
}

/// Starts the first child in line when its time has come. True when that was done.
bool supervision::start_next_in_order(time_point now) {
  if (in_order_.empty())
    return false;
  const auto first = *in_order_.begin();
  auto& state = children_[first].state;
  const auto due =
    state.state() == child_state::waiting || (state.next_try() && *state.next_try() <= now);
  if (!due || state.start(now) != restart_state::order::start)
    return false;
  tell(notice_id::child_starting, first);
  children_[first].degraded.clear();
  give(verb::start, first);
  return true;
}

/// True when there may be a next one to look at.
bool supervision::drain_next(time_point now) {
  for (auto i = children_.size(); i-- > 0;) {
    auto& member = children_[i];
    const auto state = member.state.state();
    const auto comes_back =
      member.comes_back && !member.drained
      && (state == child_state::starting || state == child_state::backing_off);
    if ((!serves(state) && !comes_back) || member.drained)
      continue;
    if (now >= drain_due_)
      break;
    if (serves(state) && !std::exchange(member.asked, true))
      give(verb::drain, i);
    return false;
  }
  end_drain(now);
  return false;
}

void supervision::end_drain(time_point now) {
  phase_ = phase::stopping;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& member = children_[i];
    member.asked = member.state.state() == child_state::stopping;
    if (member.state.state() == child_state::backing_off) {
      member.state.stop(now);
      close(i);
    }
  }
}

bool supervision::stop_next(time_point now) {
  for (auto i = children_.size(); i-- > 0;) {
    auto& member = children_[i];
    if (!is_live(member.state.state()))
      continue;
    if (!std::exchange(member.asked, true)) {
      member.state.stop(now);
      member.due = std::min(now + rules_.stop_deadline, total_due_);
      give(verb::stop, i);
      return false;
    }
    if (now < std::min(member.due, total_due_))
      return false;
    abandon(i, now);
    return true;
  }
  finish();
  return false;
}

void supervision::finish() {
  phase_ = phase::done;
  auto text = std::string{};
  for (auto i : abandoned_)
    text += (text.empty() ? "abandoned: " : ", ") + id(i);
  notices_.push_back({notice_id::shutdown_report, std::nullopt, 0, 0, {},
    text.empty() ? "all children stopped" : std::move(text)});
}

/// A child that starts in order must wait for the ones before it.
bool supervision::may_start(std::size_t child) const {
  const auto& state = children_[child].state;
  if (state.state() != child_state::backing_off || in_order_.count(child) == 0)
    return true;
  return to_stop_.empty() && child == *in_order_.begin();
}

} // namespace actors
