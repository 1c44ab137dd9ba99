#include "actors/os/service_manager.hpp"

#include "actors/core/whole_number.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace actors {

namespace {

std::string taken_from_environment(const char* name) {
  const auto* value = std::getenv(name);
  auto text = std::string{value != nullptr ? value : ""};
  ::unsetenv(name);
  return text;
}

/// A path, or a name that begins with '@' and has no file.
unique_fd connect_to(const std::string& name) {
  auto address = sockaddr_un{};
  address.sun_family = AF_UNIX;
  if (name.size() < 2 || name.size() >= sizeof address.sun_path
      || (name.front() != '/' && name.front() != '@'))
    return {};
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@')
    address.sun_path[0] = '\0';
  auto socket = unique_fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (!socket || ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0)
    return {};
  return socket;
}

} // namespace

service_manager service_manager::from_environment() {
  auto made = service_manager{};
  made.socket_ = connect_to(taken_from_environment("NOTIFY_SOCKET"));
  const auto every =
    whole_number<std::chrono::microseconds::rep>(taken_from_environment("WATCHDOG_USEC"));
  const auto whom = taken_from_environment("WATCHDOG_PID"); // not set: whoever reads it
  const auto is_meant = whom.empty() || whole_number<pid_t>(whom) == ::getpid();
  if (made.socket_ && is_meant && every && *every > 0)
    made.watchdog_ = std::chrono::microseconds{*every};
  return made;
}

bool service_manager::tell(std::string_view lines) {
  return socket_
         && ::send(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL)
              == static_cast<ssize_t>(lines.size());
}

bool writes_to_journal(int descriptor) {
  const auto* named = std::getenv("JOURNAL_STREAM"); // "DEVICE:INODE"
  struct stat st {};
  return named != nullptr && ::fstat(descriptor, &st) == 0
         && std::to_string(st.st_dev) + ":" + std::to_string(st.st_ino) == named;
}

} // namespace actors
