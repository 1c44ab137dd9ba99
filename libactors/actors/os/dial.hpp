#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// Where another node listens: "HOST:PORT" (a number or a name), "[::1]:PORT" or "unix:/path".
class dial_address {
public:
  static result<dial_address> parse(std::string_view text);

  const std::string& text() const { return text_; }
  const std::string& host() const { return host_; } ///< empty: a unix socket
  const std::string& port() const { return port_; }
  const std::string& path() const { return path_; } ///< empty: TCP

  /// Certainly on this machine: a unix socket, a number of loopback, or "localhost".
  bool is_local() const { return is_local_; }

private:
  std::string text_;
  std::string host_;
  std::string port_;
  std::string path_;
  bool is_local_ = false;
};

/// A connection to it, which does not block. Looks names up, which may take as long as the
/// resolver likes; from there on, returns at `due`, or when `cancel` becomes readable. Errors:
/// unavailable (nobody listens, no such name, ...), timed_out, closed (cancelled).
result<unique_fd> dial(
  const dial_address& where, std::chrono::steady_clock::time_point due, int cancel);

/// Has the kernel notice within that time that the other end does not take what was sent, or is
/// gone (TCP_USER_TIMEOUT and keep-alive, tcp(7)), and sends small things at once. Does nothing to
/// a unix socket.
void watch_over(const unique_fd& stream, std::chrono::milliseconds deadline);

/// Of the other end, for people: "10.0.0.7:41234", or "unix".
std::string peer_address(int stream);

} // namespace actors
