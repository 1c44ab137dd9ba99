#pragma once

#include <cstddef>
#include <cstdint>

namespace actors {

/// What a full queue does with one more item.
enum class overflow_policy : std::uint8_t {
  hold,        ///< refuse it; the sender keeps it and is told when there is room. Nothing is lost.
  reject,      ///< refuse it; the sender is told, and that is all
  drop_newest, ///< lose it, and count the loss
  drop_oldest, ///< lose the oldest item nobody works on, and count the loss
  conflate,    ///< put it in the place of the one that waits with the same key; without: lose it
};

/// What a mailbox does while its child backs off or starts.
enum class down_policy : std::uint8_t {
  hold,        ///< takes what comes, until it is full
  reject,      ///< refuses it; the sender is told when the next try is
  dead_letter, ///< loses it, and counts the loss
};

/// What becomes of a message whose handler crashed or hung.
enum class redelivery : std::uint8_t {
  once_more, ///< given again; what crashes twice is given event by event, and only poison is lost
  never,     ///< lost, and counted
};

/// How much a mailbox holds, and what happens at its bounds.
struct mailbox_limits {
  /// Bounds the wait in line: at one batch a millisecond (what a busy watcher sends), a second.
  std::size_t messages_max = 1024;

  /// Bounds memory. 4 MiB is some 40,000 changes with 60-byte paths.
  std::size_t bytes_max = 4 * 1024 * 1024;

  overflow_policy on_full = overflow_policy::hold; ///< when one more has no room
  down_policy on_down = down_policy::hold;         ///< when nobody is there to take it
  redelivery on_crash = redelivery::once_more;     ///< when its handler crashed

  friend bool operator==(const mailbox_limits&, const mailbox_limits&) = default;
};

/// Counts since the queue was made. At any time
/// `accepted == released + evicted + conflated + crashed + depth`.
struct queue_counters {
  std::uint64_t accepted = 0;  ///< taken in
  std::uint64_t released = 0;  ///< handled
  std::uint64_t refused = 0;   ///< by `hold` and `reject`, full or down: the sender knows
  std::uint64_t dropped = 0;   ///< never accepted, and lost: a dropping policy, or it was closed
  std::uint64_t evicted = 0;   ///< accepted, then lost: by `drop_oldest`, or left over at the end
  std::uint64_t conflated = 0; ///< accepted, then replaced by a newer one with the same key
  std::uint64_t crashed = 0;   ///< what crashed its handler and is not given again
  std::size_t high_water = 0;  ///< most that were in it at once
};

} // namespace actors
