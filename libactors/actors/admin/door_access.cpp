#include "actors/admin/door_access.hpp"

#include "actors/admin/door_address.hpp"
#include "actors/codec/base64.hpp"
#include "actors/os/token.hpp"

namespace actors {

namespace {

/// Without the port.
std::string_view host_in(std::string_view header) {
  const auto bracket = header.rfind(']');
  const auto colon = header.rfind(':');
  const auto has_port =
    colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? header.substr(0, colon) : header;
}

} // namespace

door_access door_access::of_port(scheme used, std::string token) {
  auto made = door_access{};
  made.is_open_ = false;
  made.scheme_ = used;
  if (!token.empty()) {
    made.bearer_ = "Bearer " + token;
    made.basic_ = "Basic ";
    append_base64("actors:" + token, made.basic_);
  }
  return made;
}

bool door_access::bears_token(std::string_view authorization) const {
  const auto bearer = is_same_token(authorization, bearer_);
  const auto basic = is_same_token(authorization, basic_);
  return bearer || basic;
}

int door_access::judge(const door_visit& visit) const {
  if (is_open_)
    return 200;
  if (!bearer_.empty() && !bears_token(visit.authorization))
    return 401;
  if (bearer_.empty() && !is_loopback_host(host_in(visit.host)))
    return 403;
  const auto own = (scheme_ == scheme::https ? "https://" : "http://") + std::string{visit.host};
  const auto changes_something = visit.method != "GET" && visit.method != "HEAD";
  if (changes_something && !visit.origin.empty() && visit.origin != own)
    return 403;
  return 200;
}

} // namespace actors
