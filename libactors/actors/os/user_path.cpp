#include "actors/os/user_path.hpp"

#include "actors/core/utf8.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

namespace actors {

std::string absolute_path(std::string_view path) {
  auto from = std::string{};
  if (path.empty() || path.front() != '/') {
    const auto here = std::unique_ptr<char, void (*)(void*)>{::getcwd(nullptr, 0), ::free};
    from = here ? here.get() : "";
  }
  const auto whole = from + "/" + std::string{path};
  auto result = std::string{};
  for (std::size_t begin = 0; begin < whole.size();) {
    const auto end = std::min(whole.find('/', begin), whole.size());
    const auto part = std::string_view{whole}.substr(begin, end - begin);
    if (!part.empty() && part != ".")
      result.append("/").append(part);
    begin = end + 1;
  }
  return result.empty() ? "/" : result;
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string real_path(const std::string& path) {
  const auto real =
    std::unique_ptr<char, void (*)(void*)>{::realpath(path.c_str(), nullptr), ::free};
  return real ? real.get() : "";
}

std::string link_target(const std::string& path) {
  auto text = std::string(PATH_MAX, '\0');
  const auto size = ::readlink(path.c_str(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

result<void> check_path(const std::string& path) {
  struct stat st {};
  const auto said = "cannot watch \"" + visible_text(path) + "\": ";
  if (::stat(path.c_str(), &st) != 0) {
    if (errno == ENOENT)
      return failure(
        errc::not_found, said + "it does not exist; check the spelling or create it first");
    if (errno == ENOTDIR)
      return failure(errc::not_found, said + "a part of the path is not a directory");
    if (errno == EACCES)
      return failure(errc::permission_denied,
        said
          + "a directory above it may not be entered; run as a user who may, or change its mode");
    return system_failure(errno, said + "it cannot be looked at");
  }
  const auto read_from = S_ISDIR(st.st_mode) ? path : path.substr(0, path.rfind('/') + 1);
  if (::access(read_from.c_str(), R_OK | X_OK) != 0)
    return failure(errc::permission_denied,
      said + (read_from == path ? "it" : "the directory it is in")
        + " may not be read; run as a user who may, or change its mode (chmod u+rx)");
  return {};
}

} // namespace actors
