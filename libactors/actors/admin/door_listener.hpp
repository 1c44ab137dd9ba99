#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// "HOST:PORT" in two; the host is a number ("127.0.0.1", "[::1]") or "localhost".
struct door_address {
  std::string host; ///< without brackets
  std::uint16_t port = 0;

  static result<door_address> parse(std::string_view text);

  /// Nobody on another machine can come here.
  bool is_loopback() const;

  /// As in a URL, brackets included.
  std::string text() const;
};

/// Whether a host, as a client names it in a URL (brackets and all, no port), can only mean this
/// machine: a number of the loopback network, or "localhost".
bool is_loopback_host(std::string_view host);

/// Listens there. `where.port` 0 becomes the port that the kernel chose.
result<unique_fd> listen_tcp(door_address& where);

/// The next connection; nothing when there is none just now, or no descriptor left.
unique_fd accept_connection(const unique_fd& listener);

/// Removes a socket in the file system when it is removed itself, unless another has its name by
/// then.
class socket_file {
public:
  explicit socket_file(std::string path);
  ~socket_file();
  socket_file(const socket_file&) = delete;
  socket_file& operator=(const socket_file&) = delete;

  const std::string& path() const { return path_; }

private:
  const std::string path_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

} // namespace actors
