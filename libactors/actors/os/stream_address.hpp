#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// Where a stream socket listens: "unix:/path", "127.0.0.1:9471" or "[::1]:9471". No names are
/// looked up: what it means does not depend on a server elsewhere.
class stream_address {
public:
  static result<stream_address> parse(std::string_view text);

  const std::string& text() const { return text_; }
  bool is_unix() const { return !path_.empty(); }
  const std::string& path() const { return path_; }

  /// Nobody on another machine reaches it.
  bool is_local() const { return is_unix() || is_loopback_; }

  /// A listener that does not block. unavailable: somebody listens there already.
  result<unique_fd> listen() const;

private:
  result<unique_fd> listen_tcp() const;

  std::string text_;
  std::string path_;                   ///< empty: TCP
  std::array<std::uint8_t, 28> tcp_{}; ///< a sockaddr_in or sockaddr_in6
  std::size_t tcp_size_ = 0;
  bool is_loopback_ = false;
};

/// "127.0.0.1" or "::1", without brackets; no name.
bool is_ip_address(const std::string& text);

/// The port a TCP listener got, when it asked for any (0).
std::uint16_t port_of(const unique_fd& listener);

/// The next connection, which does not block; a TCP peer that vanishes is noticed. Nothing when
/// there is none just now, or no descriptor for it (errno says).
unique_fd accept_stream(const unique_fd& listener);

} // namespace actors
