#include "actors/os/small_file.hpp"

#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace actors {

namespace {

/// More than most files that are read in this way.
constexpr std::size_t first_bytes = 4'096;

std::optional<std::string> read_all(unique_fd file, std::size_t bytes_max) {
  struct stat st {};
  if (!file || ::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode))
    return std::nullopt;
  auto text = std::string{}; // st_size says nothing of files in /proc
  auto size = std::size_t{0};
  for (;;) {
    if (size == text.size())
      text.resize(std::min(bytes_max + 1, std::max(first_bytes, 2 * size)));
    if (size == text.size())
      return std::nullopt; // full, and there may be more
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
