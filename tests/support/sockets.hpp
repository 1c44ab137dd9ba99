#pragma once

#include "actors/core/time_point.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace actors::test {

/// Reads until `end` has come, the peer has closed, or `bytes_max` are there. What has come by the
/// deadline is all there is.
inline std::string read_until(const unique_fd& from, std::string_view end, std::size_t bytes_max,
  std::chrono::milliseconds within) {
  const auto due = std::chrono::steady_clock::now() + within;
  auto text = std::string{};
  char buffer[4096];
  while (text.size() < bytes_max && (end.empty() || text.find(end) == std::string::npos)) {
    if (!wait_readable({from.get()}, left_until(due, std::chrono::steady_clock::now())))
      break;
    const auto size = ::recv(from.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (size > 0)
      text.append(buffer, static_cast<std::size_t>(size));
    else if (size == 0 || (errno != EAGAIN && errno != EINTR))
      break;
  }
  return text;
}

/// False when the peer is gone or took none of it for too long.
inline bool write_all(
  const unique_fd& to, std::string_view bytes, std::chrono::milliseconds within) {
  const auto due = std::chrono::steady_clock::now() + within;
  while (!bytes.empty()) {
    if (!wait_writable(to.get(), left_until(due, std::chrono::steady_clock::now())))
      return false;
    const auto size = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(size));
    else if (errno != EAGAIN && errno != EINTR)
      return false;
  }
  return true;
}

} // namespace actors::test
