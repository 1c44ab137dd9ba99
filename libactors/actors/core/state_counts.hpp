#pragma once

#include "actors/core/restart_rules.hpp"

#include <array>
#include <cstddef>

namespace actors {

/// How many children are in each state, and how many of those that readiness waits for do not
/// serve: told of each change, so that nobody has to count.
class state_counts {
public:
  /// What one child adds to the counts.
  struct share {
    child_state state = child_state::waiting;
    bool is_unready = false;
  };

  /// One that ended as it may is not waited for.
  static share share_of(child_state state, bool required) {
    return {state, required && !serves(state) && state != child_state::stopped};
  }

  void add(const share& x) {
    ++in_[static_cast<std::size_t>(x.state)];
    unready_ += x.is_unready ? 1 : 0;
  }

  void remove(const share& x) {
    --in_[static_cast<std::size_t>(x.state)];
    unready_ -= x.is_unready ? 1 : 0;
  }

  std::size_t in(child_state state) const { return in_[static_cast<std::size_t>(state)]; }
  std::size_t live() const {
    return in(child_state::starting) + in(child_state::ready) + in(child_state::degraded)
           + in(child_state::stopping);
  }
  std::size_t unready() const { return unready_; }

private:
  std::array<std::size_t, 8> in_{};
  std::size_t unready_ = 0;
};

} // namespace actors
