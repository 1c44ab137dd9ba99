#include "actors/protocol/error.hpp"

#include <cerrno>
#include <system_error>

namespace actors {

namespace {

errc code_of(int number) {
  switch (number) {
    case ENOENT: return errc::not_found;
    case ENOTDIR: return errc::not_a_directory;
    case EACCES:
    case EPERM: return errc::permission_denied;
    case ENOSPC:
    case EMFILE:
    case ENFILE: return errc::limit_reached;
    default: return errc::system;
  }
}

} // namespace

std::string_view name_of(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument: return "invalid_argument";
    case errc::not_found: return "not_found";
    case errc::not_a_directory: return "not_a_directory";
    case errc::permission_denied: return "permission_denied";
    case errc::limit_reached: return "limit_reached";
    case errc::system: return "system";
    case errc::full: return "full";
    case errc::closed: return "closed";
    case errc::unavailable: return "unavailable";
    case errc::crashed: return "crashed";
    case errc::timed_out: return "timed_out";
    case errc::not_supported: return "not_supported";
  }
  return "unknown";
}

tl::unexpected<error> system_failure(int number, std::string what) {
  return failure(code_of(number), std::move(what) + ": " + std::generic_category().message(number));
}

} // namespace actors
