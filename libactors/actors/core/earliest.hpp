#pragma once

#include "actors/core/time_point.hpp"

#include <optional>

namespace actors {

/// The first of several points in time, of which some may not be set.
class earliest {
public:
  void consider(std::optional<time_point> when) {
    if (when && (!first_ || *when < *first_))
      first_ = when;
  }

  /// Nothing when none was set.
  std::optional<time_point> first() const { return first_; }

private:
  std::optional<time_point> first_;
};

} // namespace actors
