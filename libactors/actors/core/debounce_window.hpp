#pragma once

#include "actors/core/change_fold.hpp"
#include "actors/core/debounce_limits.hpp"
#include "actors/core/event_batch.hpp"
#include "actors/core/time_point.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace actors {

/// Holds changes back until nothing has changed for `quiet`, and never longer than `hold_max`; what
/// comes out is their net effect, as one batch.
///
/// The window has no clock: every call says what time it is, and times must not go backwards.
class debounce_window {
public:
  explicit debounce_window(debounce_limits limits = {}) : limits_{limits} {}

  /// Takes in the changes of `batch`, seen at `now`. Markers are not for the window.
  void add(const event_batch& batch, time_point now);

  /// When the window must be handed on; nothing while it is empty.
  std::optional<time_point> due() const;

  /// It holds as many paths as it may: hand it on, whatever the time.
  bool is_full() const { return fold_.paths() >= limits_.paths_max; }

  bool is_empty() const { return !first_; }

  /// Appends the net effect to `out` (perhaps nothing) and empties the window.
  void take(batch_builder& out);

private:
  debounce_limits limits_;
  change_fold fold_;
  std::optional<time_point> first_; ///< of the changes held
  time_point last_{};
};

} // namespace actors
