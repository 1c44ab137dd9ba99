#include "actors/os/dial.hpp"

#include "actors/core/time_point.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/stream_address.hpp"
#include "actors/os/unix_socket.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace actors {

namespace {

using clock = std::chrono::steady_clock;

/// RFC 1035: labels of letters, digits and hyphens; underscores are seen in private zones.
bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-'
         && std::all_of(text.begin(), text.end(), [](char x) {
              return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9')
                     || x == '.' || x == '-' || x == '_';
            });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text != "0"
         && std::all_of(text.begin(), text.end(), [](char x) { return x >= '0' && x <= '9'; })
         && std::stoi(std::string{text}) <= 65'535;
}

tl::unexpected<error> refused(std::string_view text) {
  return failure(errc::invalid_argument,
    "\"" + std::string{text} + "\" is no address; write HOST:PORT, [::1]:PORT or unix:/path");
}

std::string reason(int code) {
  return std::system_category().message(code);
}

result<unique_fd> connect_to(const addrinfo& where, clock::time_point due, int cancel) {
  auto socket = unique_fd{
    ::socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, where.ai_protocol)};
  if (!socket)
    return failure(errc::unavailable, reason(errno));
  if (::connect(socket.get(), where.ai_addr, where.ai_addrlen) == 0)
    return socket;
  if (errno != EINPROGRESS)
    return failure(errc::unavailable, reason(errno));
  auto waited = std::array{awaited{socket.get(), awaited::what::write}, awaited{cancel}};
  for (;;) {
    const auto left = left_until(due, clock::now());
    if (left.count() == 0)
      return failure(errc::timed_out, "no answer");
    wait_any(waited, left);
    if (waited[1].is_ready)
      return failure(errc::closed, "cancelled");
    if (!waited[0].is_ready)
      continue;
    auto code = 0;
    auto size = socklen_t{sizeof code};
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &code, &size);
    if (code != 0)
      return failure(errc::unavailable, reason(code));
    return socket;
  }
}

} // namespace

result<dial_address> dial_address::parse(std::string_view text) {
  auto made = dial_address{};
  made.text_ = text;
  if (const auto number = stream_address::parse(text)) {
    made.is_local_ = number->is_local();
    if (number->is_unix()) {
      made.path_ = number->path();
      return made;
    }
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1)))
    return refused(text);
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    if (!stream_address::parse(text))
      return refused(text);
    host = host.substr(1, host.size() - 2);
  } else if (!is_host_name(host)) {
    return refused(text);
  }
  made.host_ = host;
  made.port_ = text.substr(colon + 1);
  made.is_local_ |= made.host_ == "localhost";
  return made;
}

result<unique_fd> dial(const dial_address& where, clock::time_point due, int cancel) {
  if (where.host().empty())
    return connect_unix(where.path());
  auto wish = addrinfo{};
  wish.ai_socktype = SOCK_STREAM;
  wish.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  auto* list = static_cast<addrinfo*>(nullptr);
  if (const auto code = ::getaddrinfo(where.host().c_str(), where.port().c_str(), &wish, &list))
    return failure(errc::unavailable, "looking up " + where.host() + ": " + ::gai_strerror(code));
  const auto addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>{list, ::freeaddrinfo};
  auto last = result<unique_fd>{failure(errc::unavailable, where.host() + " has no address")};
  for (const auto* each = list; each != nullptr; each = each->ai_next) {
    last = connect_to(*each, due, cancel);
    if (last || last.error().code == errc::closed || last.error().code == errc::timed_out)
      break;
  }
  return last;
}

void watch_over(const unique_fd& stream, std::chrono::milliseconds deadline) {
  const auto set = [&](int level, int name, int value) {
    ::setsockopt(stream.get(), level, name, &value, sizeof value);
  };
  const auto seconds = std::max(3, static_cast<int>(deadline.count() / 1000));
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(deadline.count()));
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds / 3);
  set(IPPROTO_TCP, TCP_KEEPINTVL, seconds / 3);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

std::string peer_address(int stream) {
  auto address = sockaddr_storage{};
  auto size = socklen_t{sizeof address};
  if (::getpeername(stream, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return "gone";
  auto text = std::array<char, INET6_ADDRSTRLEN>{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return std::string{text.data()} + ":" + std::to_string(ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string{text.data()} + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  return "unix";
}

} // namespace actors
