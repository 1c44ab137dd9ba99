#include "actors/os/small_file.hpp"

#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace actors {

namespace {

std::optional<std::string> read_all(unique_fd file, std::size_t bytes_max) {
  struct stat st {};
  if (!file || ::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode))
    return std::nullopt;
  // One byte more than it had: that byte tells of one that grew, and has a hint of its own.
  const auto expected = std::min(bytes_max, static_cast<std::size_t>(st.st_size));
  auto text = std::string(expected + 1, '\0');
  auto size = std::size_t{0};
  while (size < text.size()) {
    const auto got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return std::nullopt;
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  if (size > bytes_max)
    return std::nullopt;
  text.resize(size);
  return text;
}

} // namespace

std::optional<std::string> read_small_file(const std::string& path, std::size_t bytes_max) {
  return read_all(
    unique_fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)}, bytes_max);
}

std::optional<std::string> read_small_file(
  const directory& where, std::string_view name, std::size_t bytes_max) {
  return read_all(unique_fd{::openat(where.descriptor(), std::string{name}.c_str(),
                    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)},
    bytes_max);
}

} // namespace actors
