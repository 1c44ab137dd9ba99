#pragma once

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace actors::program {

/// Writes all of it, waiting for the reader. False when nobody reads any more.
inline bool print(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR)
      return false;
    bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return true;
}

/// How often to ask that, of a program that may print nothing for hours.
constexpr auto reader_interval = std::chrono::seconds{1};

/// Whether the other end of the pipe is still there. (poll(2): POLLERR is told without being asked
/// for.)
inline bool has_reader() {
  auto out = pollfd{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) <= 0 || (out.revents & POLLERR) == 0;
}

} // namespace actors::program
