#include "admin_address.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace actors::program {

namespace {

constexpr std::string_view suffix = ".sock";

/// What systemd has made for a service with RuntimeDirectory=, the first of several
/// (systemd.exec(5)).
std::string service_folder() {
  const auto* names = std::getenv("RUNTIME_DIRECTORY");
  const auto text = std::string{names != nullptr && *names == '/' ? names : ""};
  return text.substr(0, text.find(':'));
}

} // namespace

std::string admin_folder() {
  if (auto given = service_folder(); !given.empty())
    return given;
  if (const auto* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime == '/')
    return std::string{runtime} + "/actors";
  if (::geteuid() == 0)
    return "/run/actors";
  return "/tmp/actors-" + std::to_string(::geteuid());
}

std::string own_admin_address() {
  const auto folder = admin_folder();
  ::mkdir(folder.c_str(), 0700);
  // For a service of a dynamic user systemd makes it a link, which nobody else can write; in /tmp
  // it might be anybody's.
  const auto look = service_folder().empty() ? ::lstat : ::stat;
  struct stat st {};
  if (look(folder.c_str(), &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != ::geteuid())
    return {};
  for (const auto& path : known_admin_addresses()) { // of processes that were killed
    const auto pid = std::atoi(std::filesystem::path{path}.stem().c_str());
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH)
      ::unlink(path.c_str());
  }
  return folder + "/" + std::to_string(::getpid()) + std::string{suffix};
}

std::vector<std::string> known_admin_addresses() {
  auto sockets = std::vector<std::pair<long, std::string>>{};
  auto problem = std::error_code{};
  for (const auto& entry : std::filesystem::directory_iterator{admin_folder(), problem})
    if (entry.path().extension() == suffix)
      sockets.emplace_back(std::atol(entry.path().stem().c_str()), entry.path().string());
  std::sort(sockets.begin(), sockets.end());
  auto result = std::vector<std::string>{};
  for (auto& [pid, path] : sockets)
    result.push_back(std::move(path));
  return result;
}

std::string socket_path(std::string_view address) {
  if (address.starts_with("unix:"))
    address.remove_prefix(5);
  return std::string{address};
}

} // namespace actors::program
