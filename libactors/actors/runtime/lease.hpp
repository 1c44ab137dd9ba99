#pragma once

#include <mutex>

namespace actors {

/// The right of what runs an incarnation to act for its slot. It is revoked when the incarnation
/// hangs and is let go: from then on nothing it does takes effect, whenever it comes back.
class lease {
public:
  /// Does it, unless the lease is revoked: then false. `revoke` waits while it is done, so it must
  /// be short.
  template <class Act>
  bool act(Act what) {
    const auto held = std::scoped_lock{mutex_};
    if (revoked_)
      return false;
    what();
    return true;
  }

  void revoke() {
    const auto held = std::scoped_lock{mutex_};
    revoked_ = true;
  }

  bool is_revoked() const {
    const auto held = std::scoped_lock{mutex_};
    return revoked_;
  }

private:
  mutable std::mutex mutex_;
  bool revoked_ = false;
};

} // namespace actors
