#include "actors/core/restart_state.hpp"

namespace actors {

std::string_view name_of(child_state state) noexcept {
  switch (state) {
    case child_state::waiting: return "waiting";
    case child_state::starting: return "starting";
    case child_state::ready: return "ready";
    case child_state::degraded: return "degraded";
    case child_state::backing_off: return "backing_off";
    case child_state::stopping: return "stopping";
    case child_state::stopped: return "stopped";
    case child_state::failed: return "failed";
  }
  return "unknown";
}

restart_state::order restart_state::start(time_point now) {
  if (is_live(state_))
    return order::nothing;
  if (++incarnation_ > 1)
    ++restarts_total_;
  progress_ = now;
  enter(child_state::starting, now);
  return order::start;
}

bool restart_state::ready(std::uint64_t incarnation, time_point now) {
  if (incarnation != incarnation_ || state_ != child_state::starting)
    return false;
  served_since_ = now;
  enter(child_state::ready, now);
  return true;
}

bool restart_state::degraded(std::uint64_t incarnation, std::string_view reason, time_point now) {
  const auto next = reason.empty() ? child_state::ready : child_state::degraded;
  if (incarnation != incarnation_ || !serves(state_))
    return false;
  if (!reason.empty())
    note(reason);
  if (next == state_)
    return false;
  enter(next, now);
  return true;
}

void restart_state::progressed(time_point when) {
  if (when > progress_)
    progress_ = when;
}

restart_state::order restart_state::crashed(
  std::uint64_t incarnation, std::string_view error, time_point now, double random) {
  if (incarnation != incarnation_ || !is_live(state_))
    return order::nothing;
  note(error);
  if (state_ == child_state::stopping) {
    enter(child_state::stopped, now);
    return order::retire;
  }
  if (rules_.type == restart_type::temporary) {
    enter(child_state::stopped, now);
    return order::retire;
  }
  forget_attempts_if_stable(now);
  return fail(now, random);
}

restart_state::order restart_state::ended(
  std::uint64_t incarnation, time_point now, double random) {
  if (incarnation != incarnation_ || !is_live(state_))
    return order::nothing;
  if (state_ == child_state::stopping || rules_.type != restart_type::permanent) {
    enter(child_state::stopped, now);
    return order::retire;
  }
  note("ended by itself, which a permanent child must not");
  forget_attempts_if_stable(now);
  return fail(now, random);
}

void restart_state::start_at(time_point when, time_point now) {
  next_try_ = when;
  enter(child_state::backing_off, now);
}

bool restart_state::stop(time_point now) {
  if (is_live(state_)) {
    if (state_ != child_state::stopping)
      enter(child_state::stopping, now);
    return true;
  }
  if (state_ != child_state::failed && state_ != child_state::stopped)
    enter(child_state::stopped, now);
  return false;
}

bool restart_state::stopped(std::uint64_t incarnation, time_point now) {
  if (incarnation != incarnation_ || state_ != child_state::stopping)
    return false;
  enter(child_state::stopped, now);
  return true;
}

void restart_state::give_up(std::string_view error, time_point now) {
  note(error);
  enter(child_state::failed, now);
}

void restart_state::reset(time_point now) {
  attempt_ = 0;
  if (state_ == child_state::failed || state_ == child_state::stopped)
    enter(child_state::waiting, now);
}

std::optional<time_point> restart_state::next_due() const {
  switch (state_) {
    case child_state::backing_off: return next_try_;
    case child_state::starting: return progress_ + rules_.start_deadline;
    case child_state::ready:
    case child_state::degraded:
      if (attempt_ > 0 && !rules_.backoff.manual_reset)
        return served_since_ + rules_.backoff.stable_after;
      return std::nullopt;
    default: return std::nullopt;
  }
}

restart_state::order restart_state::tick(time_point now) {
  const auto due = next_due();
  if (!due || now < *due)
    return order::nothing;
  if (state_ == child_state::backing_off)
    return start(now);
  if (state_ == child_state::starting)
    return order::overdue;
  attempt_ = 0;
  return order::nothing;
}

restart_state::order restart_state::fail(time_point now, double random) {
  if (attempt_ >= rules_.backoff.attempts_max) {
    enter(child_state::failed, now);
    return order::give_up;
  }
  ++attempt_;
  next_try_ = now + delay(rules_.backoff, attempt_, random);
  enter(child_state::backing_off, now);
  return order::back_off;
}

void restart_state::enter(child_state state, time_point now) {
  state_ = state;
  since_ = now;
}

void restart_state::forget_attempts_if_stable(time_point now) {
  if (serves(state_) && !rules_.backoff.manual_reset
      && now - served_since_ >= rules_.backoff.stable_after)
    attempt_ = 0;
}

} // namespace actors
