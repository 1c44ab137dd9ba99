#include "actors/admin/door_listener.hpp"

#include "actors/core/whole_number.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace actors {

namespace {

/// Connections that wait to be accepted. The door accepts at once, so they are few.
constexpr int backlog = 64;

struct socket_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

std::optional<socket_address> number_of(const std::string& host, std::uint16_t port) {
  auto result = socket_address{};
  auto v4 = sockaddr_in{};
  auto v6 = sockaddr_in6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&result.bytes, &v4, result.size = sizeof v4);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&result.bytes, &v6, result.size = sizeof v6);
  } else {
    return std::nullopt;
  }
  return result;
}

bool is_loopback_number(const std::string& host) {
  auto v4 = in_addr{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  auto v6 = in6_addr{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

} // namespace

result<door_address> door_address::parse(std::string_view text) {
  const auto wrong = failure(
    errc::invalid_argument, "\"" + std::string{text}
                              + "\" is no address; write HOST:PORT, the host a number, as in "
                                "127.0.0.1:9470 or [::1]:9470");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return wrong;
  auto host = text.substr(0, colon);
  const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return wrong;
  auto parsed = door_address{host == "localhost" ? "127.0.0.1" : std::string{host}, 0};
  if (!port || !number_of(parsed.host, *port))
    return wrong;
  parsed.port = *port;
  return parsed;
}

bool door_address::is_loopback() const {
  return is_loopback_number(host);
}

std::string door_address::text() const {
  const auto is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']'))
    return is_loopback_number(std::string{host.substr(1, host.size() - 2)});
  return host == "localhost" || is_loopback_number(std::string{host});
}

result<unique_fd> listen_tcp(door_address& where) {
  const auto address = number_of(where.host, where.port);
  if (!address)
    return failure(errc::invalid_argument, where.text() + ": the host is no number");
  auto listener =
    unique_fd{::socket(address->bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!listener)
    return system_failure(errno, "socket");
  const int on = 1; // connections of the process before may still be in TIME_WAIT
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener.get(), address->get(), address->size) != 0
      || ::listen(listener.get(), backlog) != 0)
    return system_failure(errno, where.text());
  auto bound = socket_address{};
  bound.size = sizeof bound.bytes;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound.bytes), &bound.size) == 0)
    where.port = bound.bytes.ss_family == AF_INET
                   ? ntohs(reinterpret_cast<const sockaddr_in*>(&bound.bytes)->sin_port)
                   : ntohs(reinterpret_cast<const sockaddr_in6*>(&bound.bytes)->sin6_port);
  return listener;
}

unique_fd accept_connection(const unique_fd& listener) {
  return unique_fd{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
}

socket_file::socket_file(std::string path) : path_{std::move(path)} {
  struct stat st {};
  if (::lstat(path_.c_str(), &st) == 0) {
    device_ = st.st_dev;
    inode_ = st.st_ino;
  }
}

socket_file::~socket_file() {
  struct stat st {};
  if (::lstat(path_.c_str(), &st) == 0 && st.st_dev == device_ && st.st_ino == inode_)
    ::unlink(path_.c_str());
}

} // namespace actors
