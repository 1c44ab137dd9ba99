#pragma once

#include "actors/core/time_point.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// Why a child that serves does not do so as it should.
enum class trouble : std::uint8_t {
  reported, ///< it says so itself
  pressure, ///< its mailbox stays nearly full
  late,     ///< a handler takes long
};

/// Says when a child counts as degraded: when a trouble lasts (pressure must, since a burst is no
/// trouble), until all troubles have been gone for a while (so that a flapping one is told once).
/// Has no clock: every call says what time it is.
class degradation {
public:
  /// A burst fills a mailbox for a moment; five seconds are a reader that cannot keep up.
  static constexpr auto pressure_lasts = std::chrono::seconds{5};

  /// Long enough that a trouble which comes and goes each second is one, not many.
  static constexpr auto recover_hold = std::chrono::seconds{2};

  /// `text` says what is wrong; empty: it is gone.
  void note(trouble kind, std::string_view text, time_point now);

  /// What to show at `now`: the text of a trouble, or empty when all is well.
  const std::string& shown(time_point now);

  /// For the next instance: what the last one said of itself is over; pressure is its mailbox's.
  void begin_anew() {
    conditions_[static_cast<std::size_t>(trouble::reported)] = {};
    conditions_[static_cast<std::size_t>(trouble::late)] = {};
    conditions_[static_cast<std::size_t>(trouble::pressure)].counts = false; // to be shown anew
    shown_.clear();
    well_since_.reset();
  }

  /// When `shown` may change by itself.
  std::optional<time_point> next_due() const;

  /// Nothing is wrong, and nothing is held: it may be forgotten.
  bool is_over() const { return shown_.empty() && !next_due(); }

private:
  struct condition {
    std::string text; ///< empty: all is well
    time_point counts_from{};
    bool counts = false; ///< `shown` has seen that it does
  };
  std::array<condition, 3> conditions_;
  std::string shown_;
  std::optional<time_point> well_since_; ///< set while `shown_` is held, though all is well
};

} // namespace actors
