#pragma once

#include "actors/core/time_point.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

namespace actors::test {

/// What may happen to a frame on its way: chances, of a thousand, and how long it takes at most.
struct pipe_weather {
  unsigned lose = 0;
  unsigned repeat = 0;
  unsigned reorder = 0; ///< else it comes after those that were sent before
  unsigned late_ms = 1;
};

/// One direction between two nodes, in virtual time.
template <class Frame>
class stormy_pipe {
public:
  explicit stormy_pipe(std::mt19937_64& random) : random_{random} {}

  void send(const Frame& frame, const pipe_weather& in, time_point now) {
    if (random_() % 1000 < in.lose)
      return;
    const auto copies = random_() % 1000 < in.repeat ? 2 : 1;
    for (auto i = 0; i < copies; ++i) {
      auto due = now + std::chrono::milliseconds{1 + random_() % in.late_ms};
      if (random_() % 1000 >= in.reorder)
        due = last_ = std::max(last_, due);
      waiting_.push_back({due, frame});
    }
  }

  std::vector<Frame> take(time_point now) {
    std::ranges::stable_sort(waiting_, {}, &travelling::due);
    const auto later = std::ranges::upper_bound(waiting_, now, {}, &travelling::due);
    auto taken = std::vector<Frame>{};
    for (auto i = waiting_.begin(); i != later; ++i)
      taken.push_back(i->frame);
    waiting_.erase(waiting_.begin(), later);
    return taken;
  }

private:
  struct travelling {
    time_point due;
    Frame frame;
  };
  std::mt19937_64& random_;
  std::vector<travelling> waiting_;
  time_point last_{};
};

} // namespace actors::test
