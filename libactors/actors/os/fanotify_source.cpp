#include "actors/os/fanotify_source.hpp"

#include "actors/core/hint_set.hpp"
#include "actors/os/directory.hpp"
#include "actors/os/file_handle.hpp"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace actors {

namespace {

/// 64 KiB hold some 500 records, and a quarter is read in microseconds.
constexpr std::size_t buffer_bytes = 64 * 1024;

// linux/fanotify.h of 5.17; glibc 2.36 includes it.
constexpr std::uint64_t wanted =
  FAN_CREATE | FAN_DELETE | FAN_RENAME | FAN_MODIFY | FAN_ATTRIB | FAN_CLOSE_WRITE | FAN_ONDIR;

std::uint64_t fsid_of(const struct statfs& st) {
  auto fsid = std::uint64_t{0};
  static_assert(sizeof fsid == sizeof st.f_fsid);
  std::memcpy(&fsid, &st.f_fsid, sizeof fsid);
  return fsid;
}

} // namespace

result<std::unique_ptr<fanotify_source>> fanotify_source::open() {
  auto fd = unique_fd{::fanotify_init(
    FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME_TARGET | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY)};
  // Anyone may have a group since 5.13, but not mark a file system; to flush the marks that it has
  // not takes the same permission (fs/notify/fanotify/fanotify_user.c, measured on 6.18).
  if (fd && ::fanotify_mark(fd.get(), FAN_MARK_FLUSH | FAN_MARK_FILESYSTEM, 0, AT_FDCWD, "/") == 0)
    return std::unique_ptr<fanotify_source>{new fanotify_source{std::move(fd)}};
  switch (errno) {
    case EPERM:
      return failure(errc::permission_denied,
        "fanotify: CAP_SYS_ADMIN is missing (run as root, or setcap cap_sys_admin+ep)");
    case EINVAL: return failure(errc::not_supported, "fanotify: this kernel is older than 5.17");
    case ENOSYS: return failure(errc::not_supported, "fanotify: this kernel is built without it");
    case EMFILE:
      return failure(errc::limit_reached,
        "fanotify: no group left for this user: raise fs.fanotify.max_user_groups");
    default: return system_failure(errno, "fanotify_init");
  }
}

fanotify_source::fanotify_source(unique_fd fd) : fd_{std::move(fd)}, buffer_(buffer_bytes) {}

result<int> fanotify_source::watch(const directory& where, interest) {
  constexpr auto covered = 0; // no number: one mark speaks for all
  for (const auto& x : marked_)
    if (x.device == where.device() && x.is_sure)
      return covered;
  const auto path = "/proc/self/fd/" + std::to_string(where.descriptor());
  struct statfs st {};
  if (::fstatfs(where.descriptor(), &st) != 0)
    return system_failure(errno, "statfs");
  // Its subvolumes share handles but not st_dev, so a record could not be told apart (6.18).
  constexpr auto btrfs = 0x9123683E;
  if (st.f_type == btrfs)
    return failure(errc::not_supported, "fanotify: btrfs has several trees in one file system");
  if (::fanotify_mark(fd_.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, wanted, AT_FDCWD, path.c_str())
      != 0) {
    if (errno == ENOSPC)
      return failure(errc::limit_reached,
        "fanotify: no mark left for this user: raise fs.fanotify.max_user_marks");
    if (errno == EPERM)
      return failure(errc::permission_denied, "fanotify: CAP_SYS_ADMIN is missing");
    return failure(errc::not_supported,
      "fanotify: this file system cannot be marked (" + std::string{std::strerror(errno)} + ")");
  }
  std::erase_if(marked_, [&](const auto& x) { return x.device == where.device(); });
  marked_.push_back({where.device(), fsid_of(st)});
  return covered;
}

/// What is marked stays so, and its records are understood, until the device is seen again.
void fanotify_source::mounts_changed() {
  for (auto& x : marked_)
    x.is_sure = false;
}

const fanotify_source::file_system* fanotify_source::marked_as(std::uint64_t fsid) const {
  for (const auto& x : marked_)
    if (x.fsid == fsid)
      return &x;
  return nullptr;
}

file_identity fanotify_source::identity_of(const kernel_handle& handle) const {
  const auto* where = handle.size != 0 ? marked_as(handle.fsid) : nullptr;
  return where != nullptr
           ? identity_of_handle(handle.bytes, handle.size, handle.type, where->device)
           : file_identity{};
}

/// The file of a record that tells only of the name's end says nothing of who has the name now.
name_claim fanotify_source::claim_of(const fanotify_record& record) const {
  if ((record.kinds & ~(hint::vanished | hint::moved_away)) == 0)
    return {name_claim::kind::none, {}};
  const auto file = identity_of(record.object);
  return {file ? name_claim::kind::file : name_claim::kind::unknown, file};
}

result<change_source::amount> fanotify_source::read(std::vector<kernel_record>& into) {
  into.clear();
  const auto size = ::read(fd_.get(), buffer_.data(), buffer_.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return amount::nothing;
  if (size < 0)
    return system_failure(errno, "reading the fanotify queue");
  records_.clear();
  const auto understood = parse_fanotify(buffer_.data(), static_cast<std::size_t>(size), records_);
  for (const auto& x : records_) {
    auto record = kernel_record{};
    record.queue_overflow = x.overflow;
    record.directory = identity_of(x.directory);
    record.kinds = x.kinds;
    record.order = word_order::lost;
    record.claim = claim_of(x);
    record.name = x.name;
    if (record.queue_overflow || record.directory)
      into.push_back(record);
  }
  if (understood < static_cast<std::size_t>(size))
    into.push_back({.queue_overflow = true}); // there was more, and nobody knows what
  return static_cast<std::size_t>(size) > buffer_.size() / 2 ? amount::much : amount::some;
}

} // namespace actors
