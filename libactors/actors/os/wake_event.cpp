#include "actors/os/wake_event.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace actors {

wake_event::wake_event() : fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  if (!fd_)
    throw std::system_error{errno, std::generic_category(), "eventfd"};
}

void wake_event::raise() noexcept {
  const auto one = std::uint64_t{1};
  // EAGAIN: the counter is at its limit, so it is raised already.
  [[maybe_unused]] auto written = ::write(fd_.get(), &one, sizeof one);
}

bool wake_event::lower() noexcept {
  auto count = std::uint64_t{0};
  return ::read(fd_.get(), &count, sizeof count) > 0;
}

} // namespace actors
