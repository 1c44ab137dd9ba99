#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// Names a child within its group, for ever: keys are not used twice.
using child_key = std::size_t;

/// What a supervisor has to tell: one for each edge, never one a message.
enum class notice_id : std::uint8_t {
  child_starting,
  child_ready,
  child_degraded,
  child_recovered,
  child_crashed,
  child_backing_off,
  child_stopped,
  child_failed,
  child_hung,
  child_abandoned,
  child_reset,
  group_budget_exceeded,
  group_restarting,
  fatal_error,
  draining,
  shutdown_report,
};

/// The stable id in logs: "child_ready", "fatal_error", ...
std::string_view name_of(notice_id id) noexcept;

struct notice {
  notice_id id{};
  std::optional<child_key> child; ///< nothing: it is about the group
  std::uint64_t incarnation = 0;
  std::uint32_t attempt = 0;
  std::chrono::milliseconds delay{0}; ///< child_backing_off: until the next start
  std::string text;
};

} // namespace actors
