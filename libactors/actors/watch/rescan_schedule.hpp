#pragma once

#include "actors/core/time_point.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace actors {

/// When the whole tree may be compared with the disk: at once the first time, with growing waits
/// when it is asked for again and again, so that a storm cannot make it the only thing done.
class rescan_schedule {
public:
  /// A rescan is needed; asked twice, it is done once.
  void ask(time_point now) {
    if (due_)
      return;
    if (last_ && now - *last_ < calm)
      wait_ = std::clamp(wait_ * 2, wait_min, wait_max);
    else
      wait_ = std::chrono::milliseconds{0};
    due_ = now + wait_;
  }

  bool is_asked() const { return due_.has_value(); }
  std::optional<time_point> due() const { return due_; }

  /// True, once, when it is time to begin.
  bool begin(time_point now) {
    if (!due_ || now < *due_)
      return false;
    due_.reset();
    last_ = now;
    return true;
  }

  /// A rescan asked for within this time of the last one waits longer than that one did.
  static constexpr auto calm = std::chrono::seconds{10};
  static constexpr auto wait_min = std::chrono::milliseconds{100};
  static constexpr auto wait_max = std::chrono::milliseconds{30'000};

private:
  std::optional<time_point> due_;
  std::optional<time_point> last_;
  std::chrono::milliseconds wait_{0};
};

} // namespace actors
