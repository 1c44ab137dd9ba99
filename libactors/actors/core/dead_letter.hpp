#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// Why something that was sent is not handled by anybody.
enum class loss : std::uint8_t {
  full,      ///< turned away by `drop_newest`, or by `conflate` for want of an equal
  evicted,   ///< by `drop_oldest`
  conflated, ///< a newer one stands for it
  down,      ///< the child was not up, and its policy is `dead_letter`
  closed,    ///< the child has stopped or failed for good
  crashed,   ///< it crashes the handler
  refused,   ///< by the receiver, outside, for what it is
};
constexpr auto losses = std::size_t{7};

constexpr std::string_view name_of(loss reason) noexcept {
  constexpr auto names = std::array<std::string_view, losses>{
    "full", "evicted", "conflated", "down", "closed", "handler_crashed", "refused"};
  return names[static_cast<std::size_t>(reason)];
}

/// Something nobody handled, as the dead-letter office keeps it.
struct dead_letter {
  loss reason{};                                ///< why nobody handled it
  std::string child;                            ///< the full id of who it was for
  std::size_t events = 0;                       ///< how many were in it
  std::string what;                             ///< of the first: "create /srv/a"
  std::chrono::system_clock::time_point when{}; ///< when it was lost
};

/// How much was lost, by reason: every loss is counted here exactly once.
struct loss_counts {
  std::array<std::uint64_t, losses> messages{}; ///< batches
  std::array<std::uint64_t, losses> events{};   ///< records in them

  /// Counts one batch.
  void add(loss reason, std::size_t event_count) {
    ++messages[static_cast<std::size_t>(reason)];
    events[static_cast<std::size_t>(reason)] += event_count;
  }
};

} // namespace actors
