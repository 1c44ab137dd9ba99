#pragma once

#include <cerrno>
#include <csignal>

namespace actors {

/// Keeps a signal from this thread for as long as it lives: a library must not end its host, nor
/// change how the host handles signals. One that came of our own write is taken back.
class held_signal {
public:
  explicit held_signal(int number) {
    sigemptyset(&set_);
    sigaddset(&set_, number);
    auto pending = sigset_t{};
    sigpending(&pending);
    was_pending_ = sigismember(&pending, number) == 1;
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~held_signal() {
    const auto number = errno;
    const auto now = timespec{0, 0};
    if (!was_pending_)
      while (sigtimedwait(&set_, nullptr, &now) == -1 && errno == EINTR) {
      }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = number;
  }
  held_signal(const held_signal&) = delete;
  held_signal& operator=(const held_signal&) = delete;

private:
  sigset_t set_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

} // namespace actors
