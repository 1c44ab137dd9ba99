#include "actors/os/directory.hpp"

#include "actors/os/file_handle.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <dirent.h>

namespace actors {

namespace {

/// Below the kernel's PATH_MAX of 4,096, which counts the final NUL.
constexpr std::size_t step_max = 4'000;

constexpr mode_t everybody_enters = S_IXUSR | S_IXGRP | S_IXOTH;

/// No file system has handles of this type (FILEID_INVALID, linux/exportfs.h).
constexpr int no_handle = 0xFF;

constexpr std::int64_t nanoseconds(const timespec& x) {
  return std::int64_t{x.tv_sec} * 1'000'000'000 + x.tv_nsec;
}

file_type type_of(mode_t mode) {
  if (S_ISREG(mode))
    return file_type::file;
  if (S_ISDIR(mode))
    return file_type::directory;
  return S_ISLNK(mode) ? file_type::link : file_type::other;
}

bool is_gone(int number) {
  return number == ENOENT || number == ENOTDIR;
}

/// The identity by the kernel's file handle (inode and generation). File systems without handles
/// (overlayfs, proc) get device, inode and birth time. Nobody's when the name has gone: an inode
/// alone would be taken for the next file that has it.
file_identity identity_of(int directory, const char* name, int flags, const struct stat& st) {
  alignas(file_handle) unsigned char room[sizeof(file_handle) + MAX_HANDLE_SZ];
  auto* handle = reinterpret_cast<file_handle*>(room);
  handle->handle_bytes = MAX_HANDLE_SZ;
  auto mount = 0;
  if (::name_to_handle_at(directory, name, handle, &mount, flags) == 0)
    return identity_of_handle(
      room + sizeof(file_handle), handle->handle_bytes, handle->handle_type, st.st_dev);
  if (is_gone(errno))
    return {};
  struct statx more {};
  auto birth = std::int64_t{0};
  const auto follow = (flags & AT_SYMLINK_FOLLOW) != 0 ? 0 : AT_SYMLINK_NOFOLLOW;
  const auto is_there =
    ::statx(directory, name, (flags & AT_EMPTY_PATH) | follow, STATX_BTIME, &more) == 0;
  if (!is_there && is_gone(errno))
    return {};
  if (is_there && (more.stx_mask & STATX_BTIME) != 0)
    birth = more.stx_btime.tv_sec * 1'000'000'000 + more.stx_btime.tv_nsec;
  const std::uint64_t parts[] = {st.st_ino, static_cast<std::uint64_t>(birth)};
  return identity_of_handle(
    reinterpret_cast<const unsigned char*>(parts), sizeof parts, no_handle, st.st_dev);
}

file_facts facts_of(const struct stat& st, file_identity identity) {
  auto facts = file_facts{};
  facts.identity = identity;
  facts.ftype = type_of(st.st_mode);
  const auto is_directory = facts.ftype == file_type::directory;
  facts.attributes = {st.st_mode & 07777U, st.st_uid, st.st_gid,
    is_directory ? 0 : static_cast<std::uint32_t>(st.st_nlink)};
  facts.size = is_directory ? 0 : static_cast<std::uint64_t>(st.st_size);
  facts.modified = nanoseconds(st.st_mtim);
  facts.changed = nanoseconds(st.st_ctim);
  return facts;
}

sight not_seen(int number) {
  return {is_gone(number) ? sight::kind::absent : sight::kind::unknown, {}};
}

} // namespace

result<directory> directory::open_at(int from, const char* path, int flags) {
  auto opened = directory{};
  flags |= O_DIRECTORY | O_CLOEXEC;
  opened.fd_ = unique_fd{::openat(from, path, O_RDONLY | O_NONBLOCK | flags)};
  opened.readable_ = static_cast<bool>(opened.fd_);
  if (!opened.fd_ && errno == EACCES)
    opened.fd_ = unique_fd{::openat(from, path, O_PATH | flags)}; // names in it may be looked at
  struct stat st {};
  if (!opened.fd_ || ::fstat(opened.descriptor(), &st) != 0)
    return system_failure(errno, path);
  opened.enterable_ = (st.st_mode & everybody_enters) == everybody_enters
                      || ::faccessat(opened.descriptor(), ".", F_OK, AT_EACCESS) == 0;
  opened.device_ = st.st_dev;
  opened.identity_ = identity_of(opened.descriptor(), "", AT_EMPTY_PATH, st);
  return opened;
}

result<directory> directory::open(const std::string& path) {
  return open_at(AT_FDCWD, path.c_str(), 0);
}

result<directory> directory::open_below(std::string_view path, link_policy links) const {
  const auto last = links == link_policy::kept ? O_NOFOLLOW : 0;
  auto step = unique_fd{};
  auto from = descriptor();
  while (path.size() > step_max) {
    const auto text = std::string{path.substr(0, path.rfind('/', step_max))};
    path.remove_prefix(text.size() + 1);
    step = unique_fd{::openat(from, text.c_str(), O_PATH | last | O_DIRECTORY | O_CLOEXEC)};
    if (!step)
      return system_failure(errno, text);
    from = step.get();
  }
  return open_at(from, path.empty() ? "." : std::string{path}.c_str(), last);
}

file_facts directory::facts() const {
  struct stat st {};
  if (::fstat(descriptor(), &st) != 0)
    return {};
  return facts_of(st, identity_);
}

sight directory::look(const char* name, link_policy links) const {
  // Two calls: should the name pass to another file in between, that is a change of its own, with a
  // hint that makes us look again.
  struct stat st {};
  if (::fstatat(descriptor(), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return not_seen(errno);
  auto flags = 0;
  struct stat target {};
  if (links == link_policy::followed && S_ISLNK(st.st_mode)
      && ::fstatat(descriptor(), name, &target, 0) == 0 && S_ISDIR(target.st_mode)) {
    st = target;
    flags = AT_SYMLINK_FOLLOW;
  }
  const auto identity = identity_of(descriptor(), name, flags, st);
  if (!identity)
    return {sight::kind::absent, {}};
  return {sight::kind::present, facts_of(st, identity)};
}

sight directory::look_again(const char* name, const file_facts& known, link_policy links) const {
  struct stat st {};
  if (::fstatat(descriptor(), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return not_seen(errno);
  if (type_of(st.st_mode) != known.ftype)
    return look(name, links);
  return {sight::kind::present, facts_of(st, known.identity)};
}

sight directory::look_as(const char* name, file_identity identity) const {
  struct stat st {};
  if (::fstatat(descriptor(), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return not_seen(errno);
  return {sight::kind::present, facts_of(st, identity)};
}

result<name_reader> name_reader::open(const directory& where) {
  if (!where.is_readable())
    return system_failure(EACCES, "listing");
  if (::lseek(where.descriptor(), 0, SEEK_SET) < 0) // it may have been listed before
    return system_failure(errno, "listing");
  return name_reader{where.descriptor()};
}

const char* name_reader::next() {
  for (;;) {
    if (at_ == size_) {
      const auto got = ::getdents64(fd_, buffer_.get(), buffer_bytes);
      errno_ = got < 0 && errno != ENOENT ? errno : 0; // removed meanwhile: it has no names
      if (got <= 0)
        return nullptr;
      at_ = 0;
      size_ = static_cast<std::size_t>(got);
    }
    const auto* entry = reinterpret_cast<const dirent64*>(buffer_.get() + at_);
    at_ += entry->d_reclen;
    const auto name = std::string_view{entry->d_name};
    if (name != "." && name != "..")
      return entry->d_name;
  }
}

} // namespace actors
