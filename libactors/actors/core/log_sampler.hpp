#pragma once

#include "actors/core/time_point.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace actors {

/// Thins out what would be told for every message: the first is told at once, then at most one in a
/// while, with the number of those it stands for. Has no clock.
class log_sampler {
public:
  /// A line a second can be read, and is enough to see that it goes on.
  static constexpr auto pause = std::chrono::seconds{1};

  /// Counts one. The number to tell now, this one included; nothing: be silent.
  std::optional<std::uint64_t> count(time_point now) {
    ++untold_;
    if (told_ && now - *told_ < pause)
      return std::nullopt;
    told_ = now;
    return take_untold();
  }

  /// Exactly one was not told: somebody should ask for the untold after a `pause`.
  bool is_first_untold() const { return untold_ == 1; }

  /// Those nobody was told of.
  std::uint64_t take_untold() {
    const auto untold = untold_;
    untold_ = 0;
    return untold;
  }

private:
  std::uint64_t untold_ = 0;
  std::optional<time_point> told_;
};

} // namespace actors
