#pragma once

#include "actors/core/time_point.hpp"

#include <chrono>

namespace actors {

/// When to look again at what could not be looked at, since the model has yet to catch up with a
/// move; and when that has been in vain too often.
class second_looks {
public:
  /// Between two looks. What they wait for is a hint that is on its way, or in the queue.
  static constexpr auto apart = std::chrono::milliseconds{5};

  /// In a row, and in vain: after that, something moved of which no hint tells.
  static constexpr int looks_max = 20;

  bool is_due(time_point now) const { return now >= due(); }
  time_point due() const { return last_ + apart; }

  void begin(time_point now) { last_ = now; }
  bool has_begun_since(time_point then) const { return then < last_; }

  /// Something had to be looked for once more. True when it is time to look further instead.
  bool note_vain() { return ++vain_ > looks_max; }
  void forget_vain() { vain_ = 0; }

private:
  time_point last_{};
  int vain_ = 0;
};

} // namespace actors
