#include "actors/os/record_file.hpp"

#include "actors/os/held_signal.hpp"
#include "actors/os/owned_file.hpp"
#include "actors/os/user_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace actors {

namespace {

/// Its owner writes, its group may read (a log shipper), nobody else: records name files.
constexpr mode_t file_mode = 0640;

/// How every record begins. A last line without an end that begins otherwise is not ours to take.
constexpr std::string_view record_begin = "{\"seq\":";

/// No record is longer: two paths, escaped and in base64.
constexpr std::uint64_t line_bytes_max = 1024 * 1024;

/// Read at once, looking for the end of the last line.
constexpr std::size_t piece_bytes = 16 * 1024;

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode))
    return "a directory";
  if (S_ISLNK(mode))
    return "a link";
  if (S_ISFIFO(mode))
    return "a pipe";
  if (S_ISSOCK(mode))
    return "a socket";
  return "a device";
}

result<void> check_kind(const std::string& path, mode_t mode) {
  if (S_ISREG(mode))
    return {};
  return failure(errc::invalid_argument,
    path + " is " + std::string{kind_of(mode)} + "; records are written to a regular file only");
}

std::optional<char> byte_at(int fd, std::uint64_t at) {
  auto byte = char{};
  if (::pread(fd, &byte, 1, static_cast<off_t>(at)) != 1)
    return std::nullopt;
  return byte;
}

/// Where the last line begins that has no end; `size` when all have.
std::optional<std::uint64_t> end_of_whole_lines(int fd, std::uint64_t size) {
  char buffer[piece_bytes];
  for (auto end = size; end > 0;) {
    const auto begin = end - std::min<std::uint64_t>(end, piece_bytes);
    const auto wanted = static_cast<std::size_t>(end - begin);
    if (::pread(fd, buffer, wanted, static_cast<off_t>(begin)) != static_cast<ssize_t>(wanted))
      return std::nullopt;
    const auto newline = std::string_view{buffer, wanted}.rfind('\n');
    if (newline != std::string_view::npos)
      return begin + newline + 1;
    end = begin;
  }
  return 0;
}

/// A piece of a record, or what an ext4 leaves after a power failure: zeros.
bool is_torn_record(int fd, std::uint64_t begin, std::uint64_t end) {
  if (end - begin > line_bytes_max)
    return false;
  auto is_record = true;
  for (auto i = std::uint64_t{0}; is_record && i < record_begin.size() && begin + i < end; ++i)
    is_record = byte_at(fd, begin + i) == record_begin[i];
  return is_record || byte_at(fd, begin) == '\0';
}

} // namespace

result<void> record_file::check(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos || path.back() == '/')
    return failure(errc::invalid_argument, "\"" + path + "\" names no file");
  const auto parent = directory_of(path);
  struct stat st {};
  if (::stat(parent.c_str(), &st) != 0)
    return system_failure(errno, path + ": its directory cannot be used (make it first)");
  if (!S_ISDIR(st.st_mode))
    return failure(errc::not_a_directory, path + ": " + parent + " is no directory");
  if (::lstat(path.c_str(), &st) != 0)
    return {}; // it will be made
  return check_kind(path, st.st_mode);
}

result<record_file> record_file::open(const std::string& path) {
  if (const auto fine = check(path); !fine)
    return tl::unexpected{fine.error()};
  // O_NONBLOCK: a pipe that has just taken the name must not hold us up.
  auto fd = unique_fd{::open(path.c_str(),
    O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, file_mode)};
  struct stat st {};
  if (!fd || ::fstat(fd.get(), &st) != 0)
    return system_failure(errno, path);
  if (const auto fine = check_kind(path, st.st_mode); !fine)
    return tl::unexpected{fine.error()};
  auto lock = ::flock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(fd.get(), F_SETLK, &lock) != 0 && (errno == EACCES || errno == EAGAIN))
    return failure(errc::unavailable, path + ": another process writes it; name another file");
  auto file = record_file{std::make_shared<const unique_fd>(std::move(fd))};
  if (const auto fine = file.take_torn_line_away(path); !fine)
    return tl::unexpected{fine.error()};
  return file;
}

result<void> record_file::take_torn_line_away(const std::string& path) {
  const auto all = size();
  const auto whole = end_of_whole_lines(fd_->get(), all);
  if (!whole)
    return system_failure(errno, path + ": reading its last line");
  if (*whole == all)
    return {};
  if (!is_torn_record(fd_->get(), *whole, all))
    return failure(errc::invalid_argument,
      path + " is there already, and its last line is no record; name another file");
  if (::ftruncate(fd_->get(), static_cast<off_t>(*whole)) != 0)
    return system_failure(errno, path + ": taking a torn line away");
  return {};
}

bool record_file::is_still(const std::string& path) const {
  struct stat named {};
  struct stat held {};
  return ::lstat(path.c_str(), &named) == 0 && ::fstat(fd_->get(), &held) == 0
         && named.st_dev == held.st_dev && named.st_ino == held.st_ino;
}

std::uint64_t record_file::size() const {
  struct stat st {};
  return ::fstat(fd_->get(), &st) == 0 ? static_cast<std::uint64_t>(st.st_size) : 0;
}

std::chrono::milliseconds record_file::age() const {
  struct statx st {};
  if (::statx(fd_->get(), "", AT_EMPTY_PATH, STATX_BTIME, &st) != 0
      || (st.stx_mask & STATX_BTIME) == 0)
    return std::chrono::milliseconds{0};
  const auto born =
    std::chrono::system_clock::time_point{std::chrono::seconds{st.stx_btime.tv_sec}};
  const auto age =
    std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now() - born);
  return std::max(age, std::chrono::milliseconds{0}); // the clock may have been set back
}

record_file::outcome record_file::append(std::string_view lines, durability wanted) {
  const auto guard = held_signal{SIGXFSZ}; // beyond `ulimit -f`: then EFBIG says so
  const auto before = size();
  auto result = outcome{};
  while (result.written < lines.size() && result.problem.empty()) {
    const auto rest = lines.substr(result.written);
    const auto put = ::write(fd_->get(), rest.data(), rest.size());
    if (put > 0)
      result.written += static_cast<std::size_t>(put);
    else if (put == 0 || errno != EINTR)
      result.problem = system_failure(put == 0 ? ENOSPC : errno, "writing").value().text;
  }
  if (wanted == durability::of_the_machine && result.problem.empty())
    if (const auto safe = sync(); !safe) {
      result.problem = safe.error().text;
      result.written = 0;
    }
  if (result.problem.empty())
    return result;
  result.written = wanted == durability::of_the_machine
                     ? 0
                     : lines.substr(0, result.written).rfind('\n') + 1; // npos + 1 is 0
  if (::ftruncate(fd_->get(), static_cast<off_t>(before + result.written)) != 0)
    fd_ = nullptr; // opening it anew takes the torn line away
  return result;
}

result<void> record_file::sync(int descriptor) {
  while (::fdatasync(descriptor) != 0)
    if (errno != EINTR)
      return system_failure(errno, "fdatasync");
  return {};
}

result<void> rotate_files(const std::string& path, std::size_t keep) {
  const auto numbered = [&](std::size_t n) { return path + "." + std::to_string(n); };
  if (keep == 0)
    return ::unlink(path.c_str()) == 0 || errno == ENOENT ? result<void>{}
                                                          : system_failure(errno, path);
  auto free = std::size_t{1};
  while (free < keep && has_file(numbered(free)))
    ++free;
  for (auto i = free; i-- > 0;)
    if (auto moved = move_file(i == 0 ? path : numbered(i), numbered(i + 1)); !moved)
      return moved;
  return {};
}

} // namespace actors
