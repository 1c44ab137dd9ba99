#include "actors/os/inotify_source.hpp"

#include "actors/os/directory.hpp"
#include "actors/os/inotify_records.hpp"

#include <sys/inotify.h>

#include <cerrno>
#include <string>

namespace actors {

namespace {

/// 64 KiB hold some 2,000 records; a quarter of it is read in 15 us, so larger gains nothing.
constexpr std::size_t buffer_bytes = 64 * 1024;

// No IN_DONT_FOLLOW: the watch goes through the link /proc/self/fd/N, so that it is put on the very
// inode that was opened and checked, whatever its name is by now.
constexpr std::uint32_t names_wanted =
  IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t everything_wanted =
  names_wanted | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_EXCL_UNLINK;

} // namespace

result<std::unique_ptr<change_source>> inotify_source::open() {
  auto fd = unique_fd{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (!fd && errno == EMFILE)
    return failure(errc::limit_reached,
      "no inotify instance left for this user: stop other watchers, or raise "
      "fs.inotify.max_user_instances (sysctl -w fs.inotify.max_user_instances=1024)");
  if (!fd)
    return system_failure(errno, "inotify_init1");
  return std::unique_ptr<change_source>{new inotify_source{std::move(fd)}};
}

inotify_source::inotify_source(unique_fd fd) : fd_{std::move(fd)}, buffer_(buffer_bytes) {}

result<int> inotify_source::watch(const directory& where, interest what) {
  const auto path = "/proc/self/fd/" + std::to_string(where.descriptor());
  // Added to what is wanted of it already, should it be in the tree too.
  const auto wanted = what == interest::everything ? everything_wanted : names_wanted | IN_MASK_ADD;
  const auto watch = ::inotify_add_watch(fd_.get(), path.c_str(), wanted);
  if (watch >= 0) {
    watches_.set(watch, where.identity());
    return watch;
  }
  if (errno == ENOSPC)
    return failure(errc::limit_reached,
      "inotify watch limit reached: raise fs.inotify.max_user_watches "
      "(sysctl -w fs.inotify.max_user_watches=1048576)");
  return system_failure(errno, "inotify_add_watch");
}

void inotify_source::unwatch(int watch) {
  ::inotify_rm_watch(fd_.get(), watch); // fails when the kernel was faster: then it is gone too
}

result<change_source::amount> inotify_source::read(std::vector<kernel_record>& into) {
  into.clear();
  const auto size = ::read(fd_.get(), buffer_.data(), buffer_.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return amount::nothing;
  if (size < 0)
    return system_failure(errno, "reading the inotify queue");
  records_.clear();
  parse_inotify(buffer_.data(), static_cast<std::size_t>(size), records_);
  for (const auto& x : records_) {
    into.push_back({.directory = watches_.directory_of(x.watch),
      .watch = x.watch,
      .kinds = x.kinds,
      .queue_overflow = x.watch < 0,
      .unwatched = x.unwatched,
      .self_moved = x.self_moved,
      .name = x.name});
    if (x.unwatched)
      watches_.erase(x.watch);
  }
  return static_cast<std::size_t>(size) > buffer_.size() / 2 ? amount::much : amount::some;
}

} // namespace actors
