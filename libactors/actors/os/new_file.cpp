#include "actors/os/new_file.hpp"

#include "actors/os/owned_file.hpp"
#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace actors {

namespace {

constexpr mode_t mode_for(readers whom) {
  return whom == readers::owner ? 0600 : 0644;
}

/// 0, or errno.
int write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const auto put = ::write(file, content.data(), content.size());
    if (put < 0 && errno != EINTR)
      return errno;
    content.remove_prefix(put > 0 ? static_cast<std::size_t>(put) : 0);
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

/// Gives the file its name unless another has it. 0, or errno.
int name_it(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;
  if (::link(from.c_str(), to.c_str()) != 0) // a file system without the flag, rename(2)
    return errno;
  ::unlink(from.c_str());
  return 0;
}

} // namespace

result<void> write_new_file(const std::string& path, std::string_view content, readers whom) {
  if (has_file(path))
    return failure(errc::unavailable, path + ": is there already");
  auto temporary = path + ".XXXXXX";
  const auto file = unique_fd{::mkostemp(temporary.data(), O_CLOEXEC)}; // mode 0600
  if (!file)
    return system_failure(errno, path);
  auto number = write_all(file.get(), content);
  if (number == 0 && ::fchmod(file.get(), mode_for(whom)) != 0)
    number = errno;
  if (number == 0)
    number = name_it(temporary, path);
  if (number == 0)
    return sync_directory_of(path);
  ::unlink(temporary.c_str());
  if (number == EEXIST)
    return failure(errc::unavailable, path + ": is there already");
  return system_failure(number, path);
}

result<void> make_private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0)
    return {};
  const auto number = errno;
  struct stat st {};
  if (number != EEXIST || ::stat(path.c_str(), &st) != 0)
    return system_failure(number, path);
  if (!S_ISDIR(st.st_mode))
    return failure(errc::not_a_directory, path + ": is there, and no directory");
  return {};
}

} // namespace actors
