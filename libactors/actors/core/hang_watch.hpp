#pragma once

#include "actors/core/notice.hpp"
#include "actors/core/time_point.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

namespace actors {

/// Says when to look after children that are in work, and what is seen then. A look is set when
/// work begins, and set again only while it goes on: nobody looks at what is idle.
///
/// Has no clock. Holds one look a child that is in work; a look at a child that is gone is the
/// caller's to ignore.
class hang_watch {
public:
  /// How a child looks whose handler showed its last sign of progress at some time.
  enum class verdict : std::uint8_t {
    fine,
    late, ///< half of the time is over: it is degraded
    hung,
  };

  static verdict judge(time_point progress, time_point now, std::chrono::milliseconds hang_after) {
    if (now - progress >= hang_after)
      return verdict::hung;
    return now - progress >= hang_after / 2 ? verdict::late : verdict::fine;
  }

  /// Looks when that handler is late, or hung if it is late already.
  void watch(
    child_key child, time_point progress, verdict seen, std::chrono::milliseconds hang_after) {
    looks_.emplace(progress + (seen == verdict::fine ? hang_after / 2 : hang_after), child);
  }

  std::optional<time_point> next_due() const {
    return looks_.empty() ? std::nullopt : std::optional{looks_.top().first};
  }

  /// Whom to look at; they must be watched again if they are still in work.
  std::vector<child_key> take_due(time_point now) {
    auto due = std::vector<child_key>{};
    for (; !looks_.empty() && looks_.top().first <= now; looks_.pop())
      due.push_back(looks_.top().second);
    return due;
  }

private:
  using look = std::pair<time_point, child_key>;
  std::priority_queue<look, std::vector<look>, std::greater<>> looks_;
};

} // namespace actors
