#include "actors/os/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace actors {

namespace {

result<sockaddr_un> address_of(const std::string& path) {
  auto address = sockaddr_un{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return failure(
      errc::invalid_argument, "\"" + path + "\" cannot be a socket: its path must have 1 to "
                                + std::to_string(sizeof address.sun_path - 1) + " bytes");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

unique_fd new_socket() {
  return unique_fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

} // namespace

result<unique_fd> listen_unix(const std::string& path) {
  const auto address = address_of(path);
  if (!address)
    return tl::unexpected{address.error()};
  const auto peer = connect_unix(path);
  if (peer || peer.error().code == errc::full)
    return failure(
      errc::unavailable, path + ": another process listens there; name another address");
  struct stat st {};
  if (::lstat(path.c_str(), &st) == 0) {
    if (!S_ISSOCK(st.st_mode))
      return failure(errc::invalid_argument, path + ": is there already, and is no socket");
    ::unlink(path.c_str());
  }
  auto listener = new_socket();
  if (!listener)
    return system_failure(errno, "socket");
  // On Linux, the mode of the socket itself decides who may connect; fchmod before bind sets it
  // without a moment in which it is open to others, and without touching the process's umask.
  ::fchmod(listener.get(), 0600);
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return system_failure(errno, path);
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(listener.get(), listen_backlog) != 0)
    return system_failure(errno, path);
  return listener;
}

result<unique_fd> connect_unix(const std::string& path) {
  const auto address = address_of(path);
  if (!address)
    return tl::unexpected{address.error()};
  auto peer = new_socket();
  if (!peer)
    return system_failure(errno, "socket");
  if (::connect(peer.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0)
    return peer;
  if (errno == EACCES || errno == EPERM)
    return system_failure(errno, path);
  if (errno == EAGAIN)
    return failure(errc::full, path + ": more wish to connect there than are let in; try again");
  return failure(errc::unavailable, path + ": nobody listens there");
}

} // namespace actors
