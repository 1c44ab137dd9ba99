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

  /// Listens there. A port 0 becomes the one that the kernel chose. Errors: those of
  /// `stream_address::listen`.
  result<unique_fd> listen();
};

/// Whether a host, as a client names it in a URL (brackets and all, no port), can only mean this
/// machine: a number of the loopback network, or "localhost".
bool is_loopback_host(std::string_view host);

} // namespace actors
