#include "actors/os/byte_sink.hpp"

#include "actors/os/held_signal.hpp"
#include "actors/os/poll.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace actors {

descriptor_sink::descriptor_sink(int fd) : fd_{fd} {
  struct stat st {};
  if (::fstat(fd, &st) != 0)
    return; // the first write will say what is wrong
  is_socket_ = S_ISSOCK(st.st_mode);
  if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)) {
    const auto path = "/proc/self/fd/" + std::to_string(fd);
    own_ = unique_fd{::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (own_) // another user's terminal cannot be opened: then writes may wait
      fd_ = own_.get();
  }
}

result<byte_sink::outcome> descriptor_sink::write(
  std::string_view bytes, int wake, std::size_t& written_so_far) {
  const auto guard = held_signal{SIGPIPE};
  while (written_so_far < bytes.size()) {
    const auto rest = bytes.substr(written_so_far);
    const auto size = write_some(rest);
    if (size >= 0)
      written_so_far += static_cast<std::size_t>(size);
    else if (errno == EAGAIN && !wait_writable(fd_, wake)
             && wait_readable({wake}, std::chrono::milliseconds{0}))
      return outcome::interrupted;
    else if (errno == EPIPE || errno == ECONNRESET)
      return outcome::gone;
    else if (errno != EAGAIN && errno != EINTR)
      return system_failure(errno, "writing");
  }
  return outcome::written;
}

ssize_t descriptor_sink::write_some(std::string_view bytes) {
  return is_socket_ ? ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                    : ::write(fd_, bytes.data(), bytes.size());
}

std::size_t descriptor_sink::write_now(std::string_view bytes) {
  if (!is_socket_ && !own_)
    return 0;
  const auto guard = held_signal{SIGPIPE};
  return static_cast<std::size_t>(std::max<ssize_t>(0, write_some(bytes)));
}

} // namespace actors
