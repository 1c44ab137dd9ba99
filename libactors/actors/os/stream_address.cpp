#include "actors/os/stream_address.hpp"

#include "actors/core/whole_number.hpp"
#include "actors/os/unix_socket.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace actors {

namespace {

static_assert(sizeof(sockaddr_in6) == 28, "as long as the address of a stream_address");

constexpr std::string_view unix_prefix = "unix:";

tl::unexpected<error> refused(std::string_view text) {
  return failure(errc::invalid_argument,
    "\"" + std::string{text}
      + "\" is no address; write unix:/path, 127.0.0.1:9471 or [::1]:9471 (no host names)");
}

bool is_loopback(const in6_addr& address) {
  return IN6_IS_ADDR_LOOPBACK(&address)
         || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

} // namespace

result<stream_address> stream_address::parse(std::string_view text) {
  auto made = stream_address{};
  made.text_ = text;
  if (text.starts_with(unix_prefix)) {
    made.path_ = text.substr(unix_prefix.size());
    if (made.path_.empty() || made.path_.find('\0') != std::string::npos)
      return refused(text);
    return made;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return refused(text);
  const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
  const auto host = std::string{text.substr(0, colon)};
  if (!port)
    return refused(text);
  auto v4 = sockaddr_in{};
  auto v6 = sockaddr_in6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(*port);
    made.is_loopback_ = (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
    made.tcp_size_ = sizeof v4;
    std::memcpy(made.tcp_.data(), &v4, sizeof v4);
    return made;
  }
  if (host.size() < 2 || host.front() != '[' || host.back() != ']'
      || ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) != 1)
    return refused(text);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(*port);
  made.is_loopback_ = is_loopback(v6.sin6_addr);
  made.tcp_size_ = sizeof v6;
  std::memcpy(made.tcp_.data(), &v6, sizeof v6);
  return made;
}

result<unique_fd> stream_address::listen() const {
  return is_unix() ? listen_unix(path_) : listen_tcp();
}

result<unique_fd> stream_address::listen_tcp() const {
  const auto family = tcp_size_ == sizeof(sockaddr_in) ? AF_INET : AF_INET6;
  auto listener = unique_fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!listener)
    return system_failure(errno, text_);
  const auto yes = 1; // connections of the run before, in TIME_WAIT, must not keep us out
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  auto address = sockaddr_storage{};
  std::memcpy(&address, tcp_.data(), tcp_size_);
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address),
        static_cast<socklen_t>(tcp_size_))
        != 0
      || ::listen(listener.get(), listen_backlog) != 0) {
    if (errno == EADDRINUSE)
      return failure(
        errc::unavailable, text_ + ": another process listens there; name another address");
    return system_failure(errno, text_);
  }
  return listener;
}

bool is_ip_address(const std::string& text) {
  auto ignored = in6_addr{};
  return ::inet_pton(AF_INET, text.c_str(), &ignored) == 1
         || ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

std::uint16_t port_of(const unique_fd& listener) {
  auto address = sockaddr_storage{};
  auto size = socklen_t{sizeof address};
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 0;
  // The port stands at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

unique_fd accept_stream(const unique_fd& listener) {
  auto peer = unique_fd{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (peer) { // fails on a unix socket, and is not needed there
    const auto yes = 1;
    ::setsockopt(peer.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    ::setsockopt(peer.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  return peer;
}

} // namespace actors
