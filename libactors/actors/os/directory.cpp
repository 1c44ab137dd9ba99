#include "actors/os/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <cstring>

namespace actors {

namespace {

/// Below the kernel's PATH_MAX of 4,096, which counts the final NUL.
constexpr std::size_t step_max = 4'000;

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

/// splitmix64: spreads every input bit over the word.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// A digest of 128 bits: two different handles on one machine will not meet.
file_identity digest(const unsigned char* bytes, std::size_t size, std::uint64_t seed) {
  auto result = file_identity{mix(seed), mix(~seed)};
  for (std::size_t at = 0; at < size; at += 8) {
    auto word = std::uint64_t{0};
    std::memcpy(&word, bytes + at, std::min<std::size_t>(8, size - at));
    result.high = mix(result.high ^ word);
    result.low = mix(result.low + word);
  }
  return result;
}

/// The identity by the kernel's file handle (inode and generation). File systems without handles
/// (overlayfs, proc) get device, inode and birth time.
file_identity identity_of(int directory, const char* name, int flags, const struct stat& st) {
  alignas(file_handle) unsigned char room[sizeof(file_handle) + MAX_HANDLE_SZ]{};
  auto* handle = reinterpret_cast<file_handle*>(room);
  handle->handle_bytes = MAX_HANDLE_SZ;
  auto mount = 0;
  const auto seed = static_cast<std::uint64_t>(st.st_dev);
  if (::name_to_handle_at(directory, name, handle, &mount, flags) == 0)
    return digest(room + sizeof(file_handle), handle->handle_bytes,
      seed ^ (static_cast<std::uint64_t>(handle->handle_type) << 32));
  struct statx more {};
  auto birth = std::int64_t{0};
  if (::statx(directory, name, flags | AT_SYMLINK_NOFOLLOW, STATX_BTIME, &more) == 0
      && (more.stx_mask & STATX_BTIME) != 0)
    birth = more.stx_btime.tv_sec * 1'000'000'000 + more.stx_btime.tv_nsec;
  const std::uint64_t parts[] = {st.st_ino, static_cast<std::uint64_t>(birth)};
  return digest(reinterpret_cast<const unsigned char*>(parts), sizeof parts, seed);
}

file_facts facts_of(const struct stat& st, file_identity identity) {
  auto facts = file_facts{};
  facts.identity = identity;
  facts.ftype = type_of(st.st_mode);
  facts.mode = st.st_mode & 07777;
  facts.owner = st.st_uid;
  facts.group = st.st_gid;
  facts.links = static_cast<std::uint32_t>(st.st_nlink);
  facts.size = facts.ftype == file_type::directory ? 0 : static_cast<std::uint64_t>(st.st_size);
  facts.modified = nanoseconds(st.st_mtim);
  facts.changed = nanoseconds(st.st_ctim);
  return facts;
}

sight not_seen(int number) {
  const auto gone = number == ENOENT || number == ENOTDIR;
  return {gone ? sight::kind::absent : sight::kind::unknown, {}};
}

} // namespace

result<directory> directory::open(const std::string& path) {
  auto fd = unique_fd{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!fd)
    return system_failure(errno, path);
  return directory{std::move(fd)};
}

result<directory> directory::open_below(std::string_view path) const {
  auto where = unique_fd{};
  auto from = descriptor();
  do {
    auto step = path;
    if (step.size() > step_max)
      step = step.substr(0, step.rfind('/', step_max));
    const auto text = step.empty() ? std::string{"."} : std::string{step};
    path.remove_prefix(step.size());
    if (!path.empty())
      path.remove_prefix(1); // the slash between
    where = unique_fd{::openat(from, text.c_str(), O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC)};
    if (!where)
      return system_failure(errno, text);
    from = where.get();
  } while (!path.empty());
  return directory{std::move(where)};
}

file_facts directory::facts() const {
  struct stat st {};
  if (::fstat(descriptor(), &st) != 0)
    return {};
  return facts_of(st, identity_of(descriptor(), "", AT_EMPTY_PATH, st));
}

sight directory::look(const char* name) const {
  // Two calls: should the name pass to another file in between, that is a change of its own, with a
  // hint that makes us look again.
  struct stat st {};
  if (::fstatat(descriptor(), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return not_seen(errno);
  return {sight::kind::present, facts_of(st, identity_of(descriptor(), name, 0, st))};
}

sight directory::look_again(const char* name, const file_facts& known) const {
  struct stat st {};
  if (::fstatat(descriptor(), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return not_seen(errno);
  if (type_of(st.st_mode) != known.ftype)
    return look(name);
  return {sight::kind::present, facts_of(st, known.identity)};
}

result<name_reader> name_reader::open(const directory& where) {
  const auto fd = ::openat(where.descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return system_failure(errno, "listing");
  auto* stream = ::fdopendir(fd);
  if (stream == nullptr) {
    const auto number = errno;
    ::close(fd);
    return system_failure(number, "listing");
  }
  return name_reader{stream};
}

const char* name_reader::next() {
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(stream_.get());
    if (entry == nullptr) {
      errno_ = errno;
      return nullptr;
    }
    const auto name = std::string_view{entry->d_name};
    if (name != "." && name != "..")
      return entry->d_name;
  }
}

} // namespace actors
