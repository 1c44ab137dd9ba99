#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace actors {

/// A turn of an actor. Two of them never overlap, and each sees what those before it did, on
/// whatever worker they were: CAF promises that. The thread sanitizer cannot see it, since Debian's
/// CAF is not instrumented; this tells it. In any other build it is nothing.
class turn {
public:
#ifdef __SANITIZE_THREAD__
  explicit turn(void* actor) : actor_{actor} {
    __tsan_acquire(actor_);
  }
  ~turn() {
    __tsan_release(actor_);
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

private:
  void* actor_;
#else
  explicit turn(void*) {}
#endif
};

} // namespace actors
