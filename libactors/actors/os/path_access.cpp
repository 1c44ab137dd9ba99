#include "actors/os/path_access.hpp"

#include "actors/os/user_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace actors {

namespace {

/// With the rights that count when it is opened.
bool may(const std::string& path, int mode) {
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

tl::unexpected<error> not_permitted(std::string text) {
  return failure(errc::permission_denied,
    std::move(text) + "; run as a user who may, or change its mode or owner");
}

/// What the kernel said of the path.
tl::unexpected<error> not_seen(int number, const char* what) {
  if (number == ENOENT || number == ENOTDIR)
    return failure(errc::not_found, std::string{what} + " does not exist");
  if (number == EACCES)
    return not_permitted("a directory above it may not be entered");
  return system_failure(number, std::string{what} + " cannot be looked at");
}

result<void> check_place(const std::string& path) {
  const auto where = directory_of(path);
  struct stat st {};
  if (::stat(where.c_str(), &st) != 0)
    return not_seen(errno, "its directory");
  if (!S_ISDIR(st.st_mode))
    return failure(errc::not_a_directory, "what should be its directory is a file");
  if (!may(where, W_OK | X_OK))
    return not_permitted("its directory may not be written to");
  return {};
}

} // namespace

result<void> check_readable_file(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0)
    return not_seen(errno, "the file");
  if (!S_ISREG(st.st_mode))
    return failure(errc::invalid_argument, "it is not a regular file");
  if (!may(path, R_OK))
    return not_permitted("it may not be read");
  return {};
}

result<void> check_writable_file(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0)
    return errno == ENOENT ? check_place(path) : not_seen(errno, "the file");
  if (!S_ISREG(st.st_mode))
    return failure(errc::invalid_argument, "it is there, and not a regular file");
  if (!may(path, W_OK))
    return not_permitted("it may not be written");
  return check_place(path);
}

result<void> check_socket_place(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) == 0 && !S_ISSOCK(st.st_mode))
    return failure(errc::invalid_argument, "it is there, and not a socket");
  return check_place(path);
}

result<void> check_directory(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0)
    return not_seen(errno, "the directory");
  if (!S_ISDIR(st.st_mode))
    return failure(errc::not_a_directory, "it is not a directory");
  if (!may(path, X_OK))
    return not_permitted("it may not be entered");
  return {};
}

result<std::string> find_program(const std::string& name) {
  struct stat st {};
  if (name.empty())
    return failure(errc::invalid_argument, "the command is empty");
  if (name.find('/') != std::string::npos)
    return name;
  const auto* value = std::getenv("PATH");
  auto rest = std::string_view{value != nullptr ? value : "/bin:/usr/bin"}; // execvp(3)
  auto is_forbidden = false;
  for (;;) {
    const auto colon = std::min(rest.find(':'), rest.size());
    const auto folder = std::string{colon == 0 ? "." : rest.substr(0, colon)};
    auto path = folder + "/" + name;
    if (::stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode)) {
      if (may(path, X_OK))
        return path;
      is_forbidden = true;
    }
    if (colon == rest.size())
      break;
    rest.remove_prefix(colon + 1);
  }
  if (is_forbidden)
    return failure(errc::permission_denied, "it is in PATH, and may not be executed");
  return failure(errc::not_found, "there is no such program in PATH");
}

result<void> check_program(const std::string& name) {
  const auto path = find_program(name);
  if (!path)
    return tl::unexpected{path.error()};
  struct stat st {};
  if (::stat(path->c_str(), &st) != 0)
    return not_seen(errno, "the program");
  if (!S_ISREG(st.st_mode) || !may(*path, X_OK))
    return not_permitted("it may not be executed");
  return {};
}

} // namespace actors
