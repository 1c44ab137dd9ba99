#include "actors/os/owned_file.hpp"

#include "actors/os/user_path.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace actors {

result<owned_file> owned_file::open(const std::string& path, missing how) {
  auto opened = owned_file{};
  const auto make = how == missing::is_made ? O_CREAT : 0;
  opened.fd_ = unique_fd{
    ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | make, S_IRUSR | S_IWUSR)};
  struct stat st {};
  if (!opened.fd_ || ::fstat(opened.fd_.get(), &st) != 0)
    return system_failure(errno, path);
  if (!S_ISREG(st.st_mode))
    return failure(errc::invalid_argument, path + ": is no regular file");
  if (::flock(opened.fd_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return failure(errc::unavailable, path + ": another process has it");
  return opened; // a file system without locks has nobody to keep out
}

result<void> owned_file::truncate(std::uint64_t size) {
  if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0)
    return system_failure(errno, "truncating");
  return {};
}

result<void> owned_file::append(std::string_view bytes) {
  if (::lseek(fd_.get(), 0, SEEK_END) < 0)
    return system_failure(errno, "seeking");
  while (!bytes.empty()) {
    const auto size = ::write(fd_.get(), bytes.data(), bytes.size());
    if (size < 0 && errno != EINTR)
      return system_failure(errno, "writing");
    if (size > 0)
      bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

result<void> owned_file::overwrite(std::uint64_t at, std::string_view bytes) {
  if (::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at))
      != static_cast<ssize_t>(bytes.size()))
    return system_failure(errno, "writing");
  return {};
}

std::uint64_t owned_file::size() const {
  struct stat st {};
  return ::fstat(fd_.get(), &st) == 0 ? static_cast<std::uint64_t>(st.st_size) : 0;
}

void owned_file::start_sync() {
  ::sync_file_range(fd_.get(), 0, 0, SYNC_FILE_RANGE_WRITE); // sync(2) does the rest
}

result<void> owned_file::sync() {
  if (::fsync(fd_.get()) != 0)
    return system_failure(errno, "fsync");
  return {};
}

std::string_view file_pieces::next() {
  for (;;) {
    const auto size = ::pread(fd_, buffer_.get(), buffer_bytes, at_);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      errno_ = errno;
    if (size <= 0)
      return {};
    at_ += size;
    return {buffer_.get(), static_cast<std::size_t>(size)};
  }
}

result<void> make_private_file(const std::string& path) {
  // O_EXCL: one that is there is not opened, since closing it would let go of the locks that
  // another part of this process has on it, fcntl(2).
  const auto flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  const auto fd = unique_fd{::open(path.c_str(), flags, S_IRUSR | S_IWUSR)};
  if (!fd && errno != EEXIST)
    return system_failure(errno, path);
  return {};
}

result<void> move_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    return system_failure(errno, "moving " + from + " to " + to);
  return {};
}

bool remove_file(const std::string& path) {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT;
}

bool has_file(const std::string& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0;
}

result<void> sync_directory_of(const std::string& path) {
  const auto directory = directory_of(path);
  const auto fd = unique_fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  // Some file systems cannot sync a directory (EINVAL), and some directories may be written and
  // not read: the name is in place all the same.
  if (fd && ::fsync(fd.get()) != 0 && errno != EINVAL)
    return system_failure(errno, "fsync of " + directory);
  return {};
}

std::string boot_id() {
  constexpr std::size_t size_max = 64; // it has 36 characters; proc(5)
  const auto fd = unique_fd{::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)};
  char text[size_max];
  const auto size = fd ? ::read(fd.get(), text, sizeof text) : 0;
  auto found = std::string{text, size > 0 ? static_cast<std::size_t>(size) : 0};
  while (!found.empty() && found.back() == '\n')
    found.pop_back();
  return found;
}

} // namespace actors
