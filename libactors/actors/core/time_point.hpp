#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace actors {

/// Of the clock that all waits and deadlines go by: it never jumps.
using time_point = std::chrono::steady_clock::time_point;

/// An age or a time to go, as health tells it: whole milliseconds, and never less than none.
constexpr std::chrono::milliseconds span_between(time_point from, time_point to) {
  return std::max(
    std::chrono::milliseconds{0}, std::chrono::duration_cast<std::chrono::milliseconds>(to - from));
}

/// How long to wait for what is due then; 0 when it is due. Rounded up: who waits a little too
/// short finds nothing due, and has to wait again.
inline std::chrono::milliseconds left_until(time_point due, time_point now) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::max(due, now) - now);
}

/// The same; nothing: for ever, as nothing is due.
inline std::optional<std::chrono::milliseconds> left_until(
  std::optional<time_point> due, time_point now) {
  return due ? std::optional{left_until(*due, now)} : std::nullopt;
}

} // namespace actors
