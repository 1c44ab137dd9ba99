#pragma once

#include "actors/protocol/context.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace actors {

/// When the image of the tree is to be written again.
class image_schedule {
public:
  /// Something was told since the last image, or the image is old for another reason.
  void note_news(time_point now) {
    if (!since_)
      since_ = now;
  }

  std::optional<time_point> due() const {
    if (!since_)
      return std::nullopt;
    return std::max(*since_ + quiet, not_before_);
  }
  bool is_due(time_point now) const { return since_ && *due() <= now; }

  /// An image is begun: what is told from now on is not in it.
  void begin() { since_.reset(); }

  /// A part of the work is done, which took so long.
  void worked(time_point now, time_point::duration took) {
    not_before_ = std::max(not_before_, now + rest * took);
  }

  /// It is tried again after a while.
  void failed(time_point now) { since_ = now; }

private:
  /// What a crash may make us tell twice is two seconds of changes; a burst costs one image.
  static constexpr auto quiet = std::chrono::seconds{2};

  /// Writing a large tree takes at most a twentieth of the time.
  static constexpr auto rest = 20;

  std::optional<time_point> since_;
  time_point not_before_{};
};

} // namespace actors
