#pragma once

#include "actors/core/retry_schedule.hpp"
#include "actors/protocol/context.hpp"

#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// A receiver that is away, as its sink tells of it: one line in the log, the reason in health
/// until it is over; and how long each try waits for the next. For one thread.
class outage {
public:
  using milliseconds = std::chrono::milliseconds;
  using log_fields = std::vector<std::pair<std::string, std::string>>;

  /// Waits as `retry_schedule` has it; requires `1ms <= base <= longest`.
  outage(milliseconds base, milliseconds longest,
    retry_schedule::jitter chance = retry_schedule::jitter::quarter)
    : waits_{base, longest, chance} {}

  /// A try has failed. How long to wait before the next. `event` is logged, with the reason and
  /// `more`, unless it is known that the receiver is away.
  milliseconds note_failure(
    std::string_view event, const std::string& reason, sink_context& ctx, log_fields more = {}) {
    return tell(event, reason, waits_.next(chance_(dice_)), ctx, std::move(more));
  }

  /// The same, of a receiver that says how long to wait.
  milliseconds note_failure_until(
    milliseconds asked, std::string_view event, const std::string& reason, sink_context& ctx) {
    return tell(event, reason, waits_.next_as_asked(asked), ctx, {});
  }

  /// It answers: waits begin anew.
  void reset_waits() { waits_.reset(); }

  /// It takes what it is sent. Costs nothing when it was not away.
  void end(sink_context& ctx) {
    if (std::exchange(is_on_, false))
      ctx.recovered();
  }

private:
  milliseconds tell(std::string_view event, const std::string& reason, milliseconds wait,
    sink_context& ctx, log_fields fields) {
    if (!std::exchange(is_on_, true)) {
      fields.insert(fields.begin(), {"reason", reason});
      ctx.log(log_level::warning, event, std::move(fields));
    }
    ctx.degraded(reason + "; next try in " + std::to_string(wait.count()) + " ms");
    return wait;
  }

  retry_schedule waits_;
  std::minstd_rand dice_{std::random_device{}()};
  std::uniform_real_distribution<double> chance_{0.0, 1.0};
  bool is_on_ = false;
};

} // namespace actors
