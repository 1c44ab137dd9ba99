#include "actors/core/event.hpp"

namespace actors {

std::string_view name_of(event_type type) noexcept {
  switch (type) {
    case event_type::create: return "create";
    case event_type::modify: return "modify";
    case event_type::remove: return "delete";
    case event_type::rename: return "rename";
    case event_type::attrib: return "attrib";
    case event_type::ready: return "ready";
    case event_type::overflow: return "overflow";
    case event_type::recovered: return "recovered";
    case event_type::root_lost: return "root_lost";
    case event_type::root_back: return "root_back";
    case event_type::mount: return "mount";
    case event_type::unmount: return "unmount";
    case event_type::degraded: return "degraded";
    case event_type::error: return "error";
  }
  return "unknown";
}

char letter_of(file_type type) noexcept {
  switch (type) {
    case file_type::file: return 'f';
    case file_type::directory: return 'd';
    case file_type::link: return 'l';
    case file_type::other: return 'o';
    case file_type::unknown: break;
  }
  return '?';
}

} // namespace actors
