#include "actors/os/socket_breaker.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <csignal>

namespace actors {

void socket_breaker::watch(int socket) {
  const auto held = std::scoped_lock{mutex_};
  socket_ = unique_fd{::fcntl(socket, F_DUPFD_CLOEXEC, 0)};
  if (is_broken_)
    ::shutdown(socket, SHUT_RDWR);
}

void socket_breaker::break_off() {
  const auto held = std::scoped_lock{mutex_};
  is_broken_ = true;
  if (socket_)
    ::shutdown(socket_.get(), SHUT_RDWR);
}

void socket_breaker::mend() {
  const auto held = std::scoped_lock{mutex_};
  is_broken_ = false;
}

void shut_down(int socket) {
  ::shutdown(socket, SHUT_RDWR);
}

int duplicate(int socket) {
  return ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
}

void block_signals() {
  auto all = sigset_t{};
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

} // namespace actors
