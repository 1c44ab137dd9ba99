#pragma once

#include "actors/core/time_point.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <chrono>

namespace actors::testkit {

/// A CAF system on one thread whose clock stands still until a test moves it.
class deterministic_system {
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };
  config config_;

public:
  deterministic_system()
    : sys{config_}, scheduler{dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler())} {}

  ~deterministic_system() { settle(); }

  time_point now() { return scheduler.clock().now(); }

  /// Lets every actor drain its mailbox, one message each in turn; time does not move. (Left to
  /// itself, CAF's testing scheduler stays with one actor until that has nothing more to do.)
  void settle() {
    auto& jobs = scheduler.jobs;
    while (!jobs.empty()) {
      const auto* ran = jobs.front();
      scheduler.run_once();
      if (!jobs.empty() && jobs.front() == ran)
        std::rotate(jobs.begin(), jobs.begin() + 1, jobs.end());
    }
  }

  /// Moves the clock on, and stops at every timer on the way: whoever it wakes sees the very time
  /// it asked for.
  void pass(std::chrono::nanoseconds span) {
    settle();
    const auto end = now() + span;
    for (auto& timers = scheduler.clock().schedule(); !timers.empty() && next(timers) <= end;) {
      scheduler.advance_time(std::max(next(timers) - now(), std::chrono::nanoseconds{0}));
      settle();
    }
    scheduler.advance_time(end - now());
    settle();
  }

  caf::actor_system sys;
  caf::scheduler::test_coordinator& scheduler;

private:
  template <class Timers>
  static time_point next(const Timers& timers) {
    return timers.begin()->first;
  }
};

} // namespace actors::testkit
