#pragma once

#include "actors/core/time_point.hpp"

#include <chrono>
#include <cstddef>
#include <deque>

namespace actors {

/// Bounds the restarts of a whole group, against storms that no single child's count sees.
struct restart_budget_rules {
  /// More restarts than this within `window` are refused. Six children that each use up their five
  /// attempts fit exactly.
  std::size_t restarts_max = 30;
  std::chrono::milliseconds window{60'000}; ///< that slides

  friend bool operator==(const restart_budget_rules&, const restart_budget_rules&) = default;
};

/// Remembers the last `restarts_max` restarts of a group. Has no clock; times must not go
/// backwards.
class restart_budget {
public:
  explicit restart_budget(restart_budget_rules rules = {}) : rules_{rules} {}

  /// Counts a restart at `now`. False, and nothing is counted, when the budget is used up: the
  /// oldest of the last `restarts_max` restarts is less than `window` ago.
  [[nodiscard]] bool spend(time_point now) {
    if (rules_.restarts_max == 0)
      return false;
    if (spent_.size() == rules_.restarts_max) {
      if (now - spent_.front() < rules_.window)
        return false;
      spent_.pop_front();
    }
    spent_.push_back(now);
    return true;
  }

private:
  restart_budget_rules rules_;
  std::deque<time_point> spent_; ///< never more than restarts_max
};

} // namespace actors
