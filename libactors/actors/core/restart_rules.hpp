#pragma once

#include "actors/core/backoff.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace actors {

/// What a child is doing, as its supervisor sees it.
enum class child_state : std::uint8_t {
  waiting, ///< its turn to start has not come
  starting,
  ready,
  degraded,    ///< serving, but not as it should
  backing_off, ///< crashed; starts again at `next_try`
  stopping,
  stopped,
  failed, ///< crashed more often than its rules allow
};

/// "waiting", "starting", ..., as in health and logs.
std::string_view name_of(child_state state) noexcept;

/// True while an instance exists: starting, ready, degraded, stopping.
constexpr bool is_live(child_state state) noexcept {
  return state == child_state::starting || state == child_state::ready
         || state == child_state::degraded || state == child_state::stopping;
}

/// True while it does its work: ready or degraded.
constexpr bool serves(child_state state) noexcept {
  return state == child_state::ready || state == child_state::degraded;
}

/// As in Erlang/OTP.
enum class restart_type : std::uint8_t {
  permanent, ///< always restarted, also after a normal end
  transient, ///< restarted after a crash only
  temporary, ///< never restarted
};

/// When one child starts again after a crash, and when it is given up.
struct restart_rules {
  /// How long to wait before each try, and how many tries there are.
  backoff_rules backoff;
  restart_type type = restart_type::permanent; ///< whether it starts again at all

  /// A start that shows no progress for so long has failed. Ten seconds outlast a slow disk.
  std::chrono::milliseconds start_deadline{10'000};

  friend bool operator==(const restart_rules&, const restart_rules&) = default;
};

} // namespace actors
