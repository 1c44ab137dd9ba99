#pragma once

#include <chrono>
#include <cstdint>

namespace actors {

/// How long to wait before the k-th restart in a row.
struct backoff_rules {
  /// The first wait. A second lets a passing fault (a full disk being cleaned, a peer being
  /// restarted) pass, and is short enough that nobody reaches for the telephone.
  std::chrono::milliseconds base{1000};

  /// Each wait is so many times the one before.
  double multiplier = 2.0;

  /// No wait is longer, jitter included.
  std::chrono::milliseconds cap{16'000};

  /// Spread of the wait, 0 to 1: a wait of d becomes d*(1-jitter) to d*(1+jitter). 0 keeps a
  /// single machine predictable; 0.2 keeps a fleet from restarting in step.
  double jitter = 0.0;

  /// Restarts in a row before giving up. With the defaults: 1+2+4+8+16 = 31 seconds of trying.
  std::uint32_t attempts_max = 5;

  /// A child that ran so long without a crash has its count of attempts forgotten. Twice the cap,
  /// so that the wait before the last attempt cannot look like stability.
  std::chrono::milliseconds stable_after{32'000};

  /// Attempts are forgotten only by `reset`: for a child whose every crash a person must look at.
  bool manual_reset = false;

  friend bool operator==(const backoff_rules&, const backoff_rules&) = default;
};

/// The wait before attempt `attempt` (1 is the first). `random` is uniform in [0, 1).
///
/// The cap is applied last, so that jitter never exceeds it, and never less than 1 ms comes out,
/// so that a base of 0 cannot spin.
std::chrono::milliseconds delay(
  const backoff_rules& rules, std::uint32_t attempt, double random = 0.5) noexcept;

/// The sum of all waits before giving up, without jitter.
std::chrono::milliseconds total_time(const backoff_rules& rules) noexcept;

} // namespace actors
