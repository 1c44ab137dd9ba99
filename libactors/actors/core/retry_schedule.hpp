#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace actors {

/// How long to wait before the next try at a receiver that is away: doubled from one try to the
/// next, up to a bound; less a part by chance, so that a fleet does not come back in step.
/// Has no clock and no dice: `random` is uniform in [0, 1).
class retry_schedule {
public:
  using milliseconds = std::chrono::milliseconds;

  /// What a receiver may ask for: longer, and it is taken for an error of its clock.
  static constexpr auto asked_max = std::chrono::hours{1};

  /// How much of a wait is left to chance.
  enum class jitter : std::uint8_t {
    quarter, ///< for few who ask a server: they hardly meet
    full,    ///< for thousands who lost the same one at the same moment ("Exponential Backoff And
             ///< Jitter", AWS 2015: the fewest calls in the shortest time)
  };

  /// Requires `1ms <= base <= longest`.
  retry_schedule(milliseconds base, milliseconds longest, jitter chance = jitter::quarter)
    : base_{base}, longest_{longest}, next_{base}, part_{chance == jitter::full ? 1.0 : 0.25} {}

  milliseconds next(double random) {
    const auto whole = next_;
    next_ = next_ > longest_ / 2 ? longest_ : 2 * next_;
    const auto less = static_cast<double>(whole.count()) * part_ * std::clamp(random, 0.0, 1.0);
    return std::max(milliseconds{1}, whole - milliseconds{static_cast<milliseconds::rep>(less)});
  }

  /// When the receiver says when it wants to be asked again. Counts as a try; never sooner than
  /// the base, so that "0" does not spin.
  milliseconds next_as_asked(milliseconds asked) {
    (void)next(0.0);
    return std::clamp(asked, base_, std::max<milliseconds>(base_, asked_max));
  }

  /// It worked: begin anew.
  void reset() { next_ = base_; }

private:
  milliseconds base_;
  milliseconds longest_;
  milliseconds next_;
  double part_;
};

} // namespace actors
