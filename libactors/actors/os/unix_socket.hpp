#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace actors {

/// Connections of a listener that wait to be accepted; more are refused by the kernel. A hundred
/// readers that come at once find room.
inline constexpr int listen_backlog = 128;

/// Listens on a socket in the file system that its owner alone can reach (mode 0600). A file left
/// by a process that is gone is replaced; one that somebody listens on is not.
result<unique_fd> listen_unix(const std::string& path);

/// unavailable: nobody listens there; full: somebody does, and is slow to let others in.
result<unique_fd> connect_unix(const std::string& path);

/// The next connection; nothing when there is none just now.
unique_fd accept_unix(const unique_fd& listener);

/// Reads until `end` has come, the peer has closed, or `bytes_max` are there. What has come by the
/// deadline is all there is.
std::string read_until(const unique_fd& from, std::string_view end, std::size_t bytes_max,
  std::chrono::milliseconds deadline);

/// False when the peer is gone or took none of it for too long.
bool write_all(const unique_fd& to, std::string_view bytes, std::chrono::milliseconds deadline);

} // namespace actors
