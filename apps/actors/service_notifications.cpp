#include "service_notifications.hpp"

#include "actors/core/time_point.hpp"

#include <algorithm>
#include <ctime>

namespace actors::program {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

namespace {

/// Who waits for the start should not wait for us.
constexpr auto look_until_ready = 50ms;

/// People read it, now and then.
constexpr auto look_when_ready = 5s;

/// A supervisor that answers does it in less than a millisecond.
constexpr auto life_patience = 500ms;

std::string on_one_line(std::string_view text) {
  auto line = std::string{text};
  std::replace(line.begin(), line.end(), '\n', ' '); // the next line would be another message
  return line;
}

std::string status_of(const health_snapshot& health) {
  const auto& totals = health.totals;
  auto text = std::to_string(totals.in(child_state::ready)) + " of "
              + std::to_string(totals.children()) + " parts ready";
  for (const auto state : {child_state::degraded, child_state::backing_off, child_state::failed})
    if (const auto count = totals.in(state); count != 0)
      text += ", " + std::to_string(count) + " " + std::string{name_of(state)};
  text += ", " + std::to_string(totals.restarts) + " restarts";
  for (const auto& child : health.children)
    if (child.state == child_state::failed || child.state == child_state::backing_off)
      return text + "; " + child.id + ": " + child.last_error;
  return text;
}

} // namespace

service_notifications::service_notifications(service_manager& manager, const node& of)
  : manager_{manager}, node_{of}, life_due_{clock::now()} {}

std::optional<std::chrono::milliseconds> service_notifications::tick() {
  if (!manager_.is_listening())
    return std::nullopt;
  tell_health();
  tell_life();
  auto next = std::chrono::milliseconds{is_ready_ ? look_when_ready : look_until_ready};
  if (manager_.watchdog())
    next = std::min(next, left_until(life_due_, clock::now()));
  return std::max(next, 1ms);
}

void service_notifications::tell_health() {
  if (is_stopping_)
    return;
  const auto health = node_.health();
  if (health.ready && !is_ready_)
    ready();
  status(status_of(health));
}

void service_notifications::tell_life() {
  const auto every = manager_.watchdog();
  if (!every || clock::now() < life_due_)
    return;
  const auto half = *every / 2;
  const auto patience = std::min<std::chrono::microseconds>(life_patience, half);
  if (node_.ping(std::chrono::ceil<std::chrono::milliseconds>(patience)))
    manager_.tell("WATCHDOG=1");
  life_due_ = clock::now() + half;
}

void service_notifications::ready() {
  is_ready_ = true;
  manager_.tell("READY=1");
}

void service_notifications::reloading() {
  // The clock that systemd compares with (sd_notify(3)); it must not go without it from v253 on.
  auto now = timespec{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto since = std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  manager_.tell(
    "RELOADING=1\nMONOTONIC_USEC="
    + std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(since).count()));
}

void service_notifications::stopping() {
  is_stopping_ = true;
  manager_.tell("STOPPING=1\nSTATUS=stopping: what was accepted is worked off");
}

void service_notifications::status(std::string_view text) {
  if (auto line = on_one_line(text); line != status_ && manager_.tell("STATUS=" + line))
    status_ = std::move(line);
}

} // namespace actors::program
