#include "actors/os/mount_table.hpp"

#include "actors/core/whole_number.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace actors {

namespace {

/// A namespace holds 100,000 mounts (fs.mount-max, sysctl-fs(5)); a line of a container's overlay
/// takes some 600 bytes. So this is never reached unless somebody raised that limit.
constexpr std::size_t table_bytes_max = 64 * 1024 * 1024;

/// Cuts the text before `end` off, and the `end` with it. All of it when there is none.
std::string_view cut(std::string_view& text, char end) {
  const auto at = text.find(end);
  const auto part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

template <class Number>
bool read_number(std::string_view text, Number& into) {
  const auto number = whole_number<Number>(text);
  into = number.value_or(into);
  return number.has_value();
}

/// The kernel writes space, tab, newline and backslash as \040 and so on (fs/seq_file.c,
/// mangle_path).
std::string unescaped(std::string_view text) {
  const auto is_octal = [](char c, char last) { return c >= '0' && c <= last; };
  auto result = std::string{};
  result.reserve(text.size());
  while (!text.empty()) {
    if (text[0] == '\\' && text.size() >= 4 && is_octal(text[1], '3') && is_octal(text[2], '7')
        && is_octal(text[3], '7')) {
      result += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
      text.remove_prefix(4);
    } else {
      result += text[0];
      text.remove_prefix(1);
    }
  }
  return result;
}

/// "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw"
std::optional<mount_point> read_line(std::string_view line) {
  auto is = mount_point{};
  if (!read_number(cut(line, ' '), is.id) || !read_number(cut(line, ' '), is.parent)
      || !read_number(cut(line, ':'), is.device_major)
      || !read_number(cut(line, ' '), is.device_minor))
    return std::nullopt;
  is.root = unescaped(cut(line, ' '));
  is.path = unescaped(cut(line, ' '));
  if (is.root.empty() || is.path.empty() || is.path[0] != '/'
      || is.path.find('\0') != std::string::npos)
    return std::nullopt;
  while (!line.empty() && cut(line, ' ') != "-") {
  } // options, and any number of tags
  is.type = unescaped(cut(line, ' '));
  if (is.type.empty())
    return std::nullopt;
  return is;
}

/// What is mounted where: which mounts a walk comes to.
class mount_walk {
public:
  explicit mount_walk(const std::vector<mount_point>& table) : table_{table} {
    for (auto i = std::size_t{0}; i < table.size(); ++i) {
      by_id_[table[i].id] = i;
      on_[{table[i].parent, table[i].path}] = i; // the later one covers
    }
  }

  /// A walk that ends at the path of the mount ends in the mount.
  bool is_on_top(std::size_t i) const {
    const auto& self = table_[i];
    return !covers(self.id, self.path, i) && is_reached(i);
  }

private:
  /// Something other than `self` is mounted at `path` on the mount `id`.
  bool covers(int id, std::string_view path, std::size_t self) const {
    const auto found = on_.find(std::pair{id, path});
    return found != on_.end() && found->second != self;
  }

  /// No mount stands in the way, neither of it nor of those it is mounted on.
  bool is_reached(std::size_t i) const {
    for (auto steps = table_.size(); steps > 0; --steps) { // parents of a broken table may circle
      const auto& self = table_[i];
      for (auto way = std::string_view{self.path}; !way.empty(); way = above(way))
        if (covers(self.parent, way, i))
          return false;
      const auto parent = by_id_.find(self.parent);
      if (parent == by_id_.end() || parent->second == i)
        return true; // the top, or not seen from here
      i = parent->second;
    }
    return true;
  }

  /// The directory above; nothing above "/".
  static std::string_view above(std::string_view path) {
    if (path == "/")
      return {};
    const auto slash = path.rfind('/');
    return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
  }

  const std::vector<mount_point>& table_;
  std::unordered_map<int, std::size_t> by_id_;
  std::map<std::pair<int, std::string_view>, std::size_t> on_; ///< (mount, path): what is there
};

bool is_below(std::string_view path, std::string_view root) {
  return path.size() > root.size() + 1 && path.starts_with(root) && path[root.size()] == '/';
}

} // namespace

std::vector<mount_point> parse_mountinfo(std::string_view text) {
  auto table = std::vector<mount_point>{};
  while (!text.empty())
    if (auto is = read_line(cut(text, '\n')))
      table.push_back(std::move(*is));
  return table;
}

std::vector<mount_point> mounts_below(
  const std::vector<mount_point>& table, std::string_view root) {
  while (root.ends_with('/'))
    root.remove_suffix(1);
  const auto walk = mount_walk{table};
  auto below = std::vector<mount_point>{};
  for (auto i = std::size_t{0}; i < table.size(); ++i)
    if (is_below(table[i].path, root) && walk.is_on_top(i))
      below.push_back(table[i]);
  return below;
}

result<mount_watch> mount_watch::open() {
  auto table = unique_fd{::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)};
  if (!table)
    return system_failure(errno, "/proc/self/mountinfo (is /proc mounted?)");
  auto changes = unique_fd{::epoll_create1(EPOLL_CLOEXEC)};
  if (!changes)
    return system_failure(errno, "epoll_create1");
  // proc(5) has a change told as POLLPRI, but told once: the first poll(2) of this descriptor that
  // sees it takes it away, also when it was another descriptor that was waited for (measured). The
  // file can always be read, so an edge of EPOLLIN comes with every change as well (the kernel
  // wakes whoever waits, fs/namespace.c), and stays until epoll_wait(2) takes it.
  auto wanted = epoll_event{};
  wanted.events = EPOLLIN | EPOLLET;
  if (::epoll_ctl(changes.get(), EPOLL_CTL_ADD, table.get(), &wanted) != 0)
    return system_failure(errno, "watching /proc/self/mountinfo");
  return mount_watch{std::move(table), std::move(changes)};
}

mount_watch::mount_watch(unique_fd table, unique_fd changes)
  : table_{std::move(table)}, changes_{std::move(changes)} {}

result<std::vector<mount_point>> mount_watch::read() {
  auto change = epoll_event{};
  ::epoll_wait(changes_.get(), &change, 1, 0); // before the reading, so that no later one is missed
  auto text = std::string{};
  constexpr auto piece = std::size_t{16 * 1024}; // the kernel gives a page or so at a time
  for (;;) {
    const auto had = text.size();
    text.resize(had + piece);
    const auto size = ::pread(table_.get(), text.data() + had, piece, static_cast<off_t>(had));
    if (size < 0 && errno == EINTR) {
      text.resize(had);
      continue;
    }
    if (size < 0)
      return system_failure(errno, "reading /proc/self/mountinfo");
    text.resize(had + static_cast<std::size_t>(size));
    if (size == 0)
      return parse_mountinfo(text);
    if (text.size() > table_bytes_max)
      return failure(errc::limit_reached,
        "the mount table is larger than 64 MiB: lower fs.mount-max, or unmount what is not needed");
  }
}

} // namespace actors
