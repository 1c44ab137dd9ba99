#include "signals.hpp"

#include "actors/os/poll.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>
#include <system_error>

namespace actors::program {

signals::signals(hangup how) {
  auto set = sigset_t{};
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (how == hangup::reloads)
    sigaddset(&set, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = unique_fd{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!fd_)
    throw std::system_error{errno, std::generic_category(), "signalfd"};
}

signals::what signals::wait(
  const wake_event& event, std::optional<std::chrono::milliseconds> timeout) {
  if (!wait_readable({fd_.get(), event.descriptor()}, timeout))
    return what::timeout;
  auto info = signalfd_siginfo{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info)
    return what::event;
  return info.ssi_signo == SIGHUP ? what::reload : what::end;
}

std::function<void()> ask_itself_to_stop() {
  return [asked = std::make_shared<std::atomic<bool>>(false)] {
    if (!asked->exchange(true)) // again would mean: at once
      ::kill(::getpid(), SIGTERM);
  };
}

} // namespace actors::program
