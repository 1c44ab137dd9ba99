#include "doctor_command.hpp"

#include "actors/core/record_root.hpp"
#include "actors/core/watch_options.hpp"
#include "actors/os/directory.hpp"
#include "actors/os/file_system.hpp"
#include "actors/os/mount_table.hpp"
#include "actors/os/small_file.hpp"
#include "actors/os/source_ladder.hpp"
#include "actors/os/user_path.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "exit_code.hpp"

namespace actors::program {

namespace {

/// What the kernel writes into such files is short.
constexpr std::size_t proc_bytes_max = 1024 * 1024;

struct kernel_limit {
  const char* name; ///< as sysctl(8) has it
  const char* file;
  const char* about;
};

constexpr kernel_limit kernel_limits[] = {
  {"fs.inotify.max_user_watches", "/proc/sys/fs/inotify/max_user_watches", "directories"},
  {"fs.inotify.max_user_instances", "/proc/sys/fs/inotify/max_user_instances", "watchers"},
  {"fs.inotify.max_queued_events", "/proc/sys/fs/inotify/max_queued_events",
    "changes in one queue; more are repaired by a look at everything"},
  {"fs.fanotify.max_user_groups", "/proc/sys/fs/fanotify/max_user_groups", "watchers"},
  {"fs.fanotify.max_user_marks", "/proc/sys/fs/fanotify/max_user_marks", "file systems"},
  {"fs.fanotify.max_queued_events", "/proc/sys/fs/fanotify/max_queued_events",
    "changes in one queue; more are repaired by a look at everything"},
};

std::string first_line(const char* file) {
  auto text = read_small_file(file, proc_bytes_max).value_or("not readable");
  return text.substr(0, text.find('\n'));
}

/// Watches of every process whose descriptors may be looked at: for another user's, root must ask.
std::size_t inotify_watches_in_use() {
  auto count = std::size_t{0};
  auto ignored = std::error_code{};
  for (const auto& process : std::filesystem::directory_iterator{"/proc", ignored}) {
    const auto name = process.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    for (const auto& entry :
      std::filesystem::directory_iterator{process.path() / "fdinfo", ignored}) {
      const auto text = read_small_file(entry.path().string(), 64 * proc_bytes_max);
      for (auto at = text ? text->find("inotify wd:") : std::string::npos; at != std::string::npos;
           at = text->find("inotify wd:", at + 1))
        ++count;
    }
  }
  return count;
}

void show_limits() {
  std::cout << "\nlimits\n";
  for (const auto& x : kernel_limits)
    std::cout << "  " << x.name << " = " << first_line(x.file) << "  (" << x.about << ")\n";
  std::cout << "  inotify watches in use, as far as they can be seen: " << inotify_watches_in_use()
            << '\n';
  auto files = rlimit{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0)
    std::cout << "  open files (ulimit -n) = " << files.rlim_cur << '\n';
}

/// The mount that `path` is on: the longest one that leads to it, and of those the last.
std::string mount_of(const std::string& path) {
  auto watch = mount_watch::open();
  const auto table = watch ? watch->read() : tl::unexpected{watch.error()};
  if (!table)
    return "unknown (" + table.error().text + ")";
  const mount_point* best = nullptr;
  for (const auto& x : *table) {
    if (is_in(x.path, path) && (best == nullptr || x.path.size() >= best->path.size()))
      best = &x;
  }
  return best != nullptr ? best->type + ", mounted on " + best->path : "unknown";
}

std::string without_prefix(const std::string& text, watch_backend backend) {
  const auto prefix = std::string{name_of(backend)} + ": ";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// Whether the backend can watch the directory; says so.
bool try_backend(watch_backend backend, const directory& where) {
  std::cout << "  " << name_of(backend) << std::string(10 - name_of(backend).size(), ' ');
  auto source = source_ladder::open(backend);
  const auto watched = source ? (*source)->watch(where) : tl::unexpected{source.error()};
  if (watched)
    std::cout << "works\n";
  else
    std::cout << "no: " << without_prefix(watched.error().text, backend) << '\n';
  return watched.has_value();
}

std::string_view chosen_by_auto(const directory& where, std::string& why) {
  static constexpr auto nothing = std::string_view{"poll"};
  auto source = source_ladder::open(watch_backend::automatic);
  if (!source || !(*source)->watch(where))
    return nothing;
  why = (*source)->why();
  return (*source)->name() == name_of(watch_backend::fanotify) ? name_of(watch_backend::fanotify)
                                                               : name_of(watch_backend::inotify);
}

} // namespace

int doctor(const std::string& given) {
  auto path = real_path(given);
  if (path.empty()) {
    std::cerr << "actors: \"" << given << "\" does not exist\n";
    return no_such_path;
  }
  auto where = directory::open(path);
  if (!where && where.error().code == errc::not_a_directory)
    where = directory::open(path = path.substr(0, std::max<std::size_t>(1, path.rfind('/'))));
  if (!where) {
    std::cerr << "actors: " << where.error().text << '\n';
    return exit_code_of(where.error().code);
  }
  std::cout << path << "\n  file system: " << mount_of(path) << '\n';
  if (const auto silent = silent_file_system(*where); !silent.empty())
    std::cout << "  " << silent << " does not tell of every change: it is read again and again\n";
  std::cout << "\nbackends\n";
  const auto fanotify = try_backend(watch_backend::fanotify, *where);
  const auto inotify = try_backend(watch_backend::inotify, *where);
  std::cout << "  poll      works\n";
  auto why = std::string{};
  const auto chosen = chosen_by_auto(*where, why);
  std::cout << "  auto takes " << chosen << (why.empty() ? "" : " (" + why + ")") << '\n';
  show_limits();
  return fanotify || inotify ? stopped_as_asked : run_time_error;
}

} // namespace actors::program
