#include "actors/admin/door_address.hpp"

#include "actors/core/whole_number.hpp"
#include "actors/os/stream_address.hpp"

namespace actors {

result<door_address> door_address::parse(std::string_view text) {
  const auto wrong = failure(
    errc::invalid_argument, "\"" + std::string{text}
                              + "\" is no address; write HOST:PORT, the host a number, as in "
                                "127.0.0.1:9470 or [::1]:9470");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return wrong;
  auto host = text.substr(0, colon);
  const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return wrong;
  auto parsed = door_address{host == "localhost" ? "127.0.0.1" : std::string{host}, 0};
  if (!port || !is_ip_address(parsed.host))
    return wrong;
  parsed.port = *port;
  return parsed;
}

bool door_address::is_loopback() const {
  const auto where = stream_address::parse(text());
  return where && where->is_local();
}

std::string door_address::text() const {
  const auto is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

result<unique_fd> door_address::listen() {
  auto listener = stream_address::parse(text()).and_then(&stream_address::listen);
  if (listener)
    port = port_of(*listener);
  return listener;
}

bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  return host == "localhost" || door_address{std::string{host}, 0}.is_loopback();
}

} // namespace actors
