#include "actors/os/fanotify_records.hpp"

#include "actors/core/hint_set.hpp"

#include <fcntl.h>
#include <sys/fanotify.h>

#include <cstddef>
#include <cstring>
#include <optional>

namespace actors {

namespace {

/// Where the struct file_handle of a piece of information begins.
constexpr auto handle_at = sizeof(fanotify_event_info_fid);

/// A directory and a name in it, or a file.
struct place {
  kernel_handle handle;
  std::string_view name;
};

/// What the pieces of information behind one event say.
struct event_places {
  std::optional<place> named, moved_from, moved_to;
  kernel_handle object;
};

std::uint8_t kinds_of(std::uint64_t mask) {
  auto kinds = 0;
  if (mask & FAN_MODIFY)
    kinds |= hint::written;
  if (mask & FAN_CLOSE_WRITE)
    kinds |= hint::closed;
  if (mask & FAN_ATTRIB)
    kinds |= hint::attributes;
  if (mask & FAN_CREATE)
    kinds |= hint::created;
  if (mask & FAN_DELETE)
    kinds |= hint::vanished;
  return static_cast<std::uint8_t>(kinds);
}

/// The handle and the name, if one follows, of a piece of information; nothing when they do not fit
/// into it.
std::optional<place> read_place(const char* info, std::size_t size) {
  auto head = file_handle{};
  if (size < handle_at + sizeof head)
    return std::nullopt;
  auto is = place{};
  std::memcpy(
    &is.handle.fsid, info + offsetof(fanotify_event_info_fid, fsid), sizeof is.handle.fsid);
  std::memcpy(&head, info + handle_at, sizeof head);
  info += handle_at + sizeof head;
  size -= handle_at + sizeof head;
  if (head.handle_bytes > size)
    return std::nullopt;
  is.handle.type = head.handle_type;
  is.handle.bytes = reinterpret_cast<const unsigned char*>(info);
  is.handle.size = head.handle_bytes;
  info += head.handle_bytes;
  size -= head.handle_bytes;
  is.name = {info, ::strnlen(info, size)}; // padded with NULs
  return is;
}

/// Takes in one piece of information. False when it does not fit.
bool take_piece(unsigned type, const char* piece, std::size_t size, event_places& into) {
  const auto is_of_a_place = type == FAN_EVENT_INFO_TYPE_FID || type == FAN_EVENT_INFO_TYPE_DFID
                             || type == FAN_EVENT_INFO_TYPE_DFID_NAME
                             || type == FAN_EVENT_INFO_TYPE_OLD_DFID_NAME
                             || type == FAN_EVENT_INFO_TYPE_NEW_DFID_NAME;
  if (!is_of_a_place) // of a process, of an error: not asked for
    return true;
  const auto where = read_place(piece, size);
  if (!where)
    return false;
  switch (type) {
    case FAN_EVENT_INFO_TYPE_OLD_DFID_NAME: into.moved_from = where; break;
    case FAN_EVENT_INFO_TYPE_NEW_DFID_NAME: into.moved_to = where; break;
    case FAN_EVENT_INFO_TYPE_DFID_NAME: into.named = where; break;
    case FAN_EVENT_INFO_TYPE_DFID: into.named = place{where->handle, {}}; break;
    default: into.object = where->handle;
  }
  return true;
}

/// All that stands behind one event. False when something does not fit.
bool read_places(const char* bytes, std::size_t size, event_places& into) {
  while (size > 0) {
    auto head = fanotify_event_info_header{};
    if (size < sizeof head)
      return false;
    std::memcpy(&head, bytes, sizeof head);
    if (head.len < sizeof head || head.len > size)
      return false;
    if (!take_piece(head.info_type, bytes, head.len, into))
      return false;
    bytes += head.len;
    size -= head.len;
  }
  return true;
}

void add_records(std::uint64_t mask, const event_places& said, std::vector<fanotify_record>& into) {
  auto record = fanotify_record{};
  record.kinds = kinds_of(mask);
  record.overflow = (mask & FAN_Q_OVERFLOW) != 0;
  record.self = (mask & (FAN_DELETE_SELF | FAN_MOVE_SELF)) != 0;
  record.is_directory = (mask & FAN_ONDIR) != 0;
  record.object = said.object;
  const auto add = [&](const std::optional<place>& where, int more) {
    auto one = record;
    one.kinds = static_cast<std::uint8_t>(one.kinds | more);
    if (where) {
      one.directory = where->handle;
      one.name = where->name == "." ? std::string_view{} : where->name;
    }
    // Of a directory itself the kernel says (itself, "."), and leaves the target out.
    if (where && one.name.empty() && one.object.size == 0)
      one.object = where->handle;
    into.push_back(one);
  };
  if (said.moved_from)
    add(said.moved_from, hint::moved_away);
  if (said.moved_to)
    add(said.moved_to, hint::arrived);
  if (said.named || (!said.moved_from && !said.moved_to))
    add(said.named, 0);
}

} // namespace

std::size_t parse_fanotify(
  const char* bytes, std::size_t size, std::vector<fanotify_record>& into) {
  auto at = std::size_t{0};
  while (size - at >= sizeof(fanotify_event_metadata)) {
    auto head = fanotify_event_metadata{};
    std::memcpy(&head, bytes + at, sizeof head);
    if (head.vers != FANOTIFY_METADATA_VERSION || head.metadata_len < sizeof head
        || head.event_len < head.metadata_len || head.event_len > size - at)
      break;
    auto said = event_places{};
    if (!read_places(bytes + at + head.metadata_len, head.event_len - head.metadata_len, said))
      break;
    add_records(head.mask, said, into);
    at += head.event_len;
  }
  return at;
}

} // namespace actors
