#pragma once

#include "actors/core/notice.hpp"
#include "actors/core/supervision_order.hpp"

#include <utility>
#include <vector>

namespace actors {

/// What a supervisor has to say, in order, until somebody takes it: what to do, what to tell, and
/// whose state may have changed.
class supervision_outbox {
public:
  void order(supervision_order what) { orders_.push_back(what); }
  void tell(notice what) { notices_.push_back(std::move(what)); }

  /// A child that changes time and again is named once, until another one does.
  void changed(child_key child) {
    if (changed_.empty() || changed_.back() != child)
      changed_.push_back(child);
  }

  std::vector<supervision_order> take_orders() { return std::exchange(orders_, {}); }
  std::vector<notice> take_notices() { return std::exchange(notices_, {}); }
  std::vector<child_key> take_changed() { return std::exchange(changed_, {}); }

private:
  std::vector<supervision_order> orders_;
  std::vector<notice> notices_;
  std::vector<child_key> changed_;
};

} // namespace actors
