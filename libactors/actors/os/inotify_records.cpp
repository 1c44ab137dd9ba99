#include "actors/os/inotify_records.hpp"

#include "actors/core/hint_set.hpp"

#include <sys/inotify.h>

#include <cstring>

namespace actors {

namespace {

std::uint8_t kinds_of(std::uint32_t mask) {
  auto kinds = 0;
  if (mask & IN_MODIFY)
    kinds |= hint::written;
  if (mask & IN_CLOSE_WRITE)
    kinds |= hint::closed;
  if (mask & IN_ATTRIB)
    kinds |= hint::attributes;
  if (mask & IN_CREATE)
    kinds |= hint::created;
  if (mask & IN_MOVED_TO)
    kinds |= hint::arrived;
  if (mask & IN_DELETE)
    kinds |= hint::vanished;
  if (mask & IN_MOVED_FROM)
    kinds |= hint::moved_away;
  return static_cast<std::uint8_t>(kinds);
}

} // namespace

std::size_t parse_inotify(const char* bytes, std::size_t size, std::vector<inotify_record>& into) {
  auto at = std::size_t{0};
  while (size - at >= sizeof(inotify_event)) {
    auto head = inotify_event{};
    std::memcpy(&head, bytes + at, sizeof head);
    if (head.len > size - at - sizeof head)
      break;
    const auto* name = bytes + at + sizeof head;
    auto record = inotify_record{};
    record.watch = head.mask & IN_Q_OVERFLOW ? -1 : head.wd;
    record.kinds = kinds_of(head.mask);
    record.unwatched = (head.mask & IN_IGNORED) != 0;
    record.self_moved = (head.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0;
    record.name = {name, ::strnlen(name, head.len)}; // padded with NULs
    into.push_back(record);
    at += sizeof head + head.len;
  }
  return at;
}

} // namespace actors
