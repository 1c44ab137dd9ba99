#include "actors/config/value_rule.hpp"

#include "actors/config/config_mistake.hpp"
#include "actors/core/change_kinds.hpp"
#include "actors/core/child_name.hpp"
#include "actors/core/ignore_pattern.hpp"
#include "actors/core/ignore_rules.hpp"
#include "actors/core/whole_number.hpp"

#include <algorithm>
#include <variant>

namespace actors {

namespace {

/// As unix(7) has it: sun_path, with its NUL.
constexpr std::size_t socket_path_max = 107;

/// path_resolution(7): PATH_MAX, with its NUL.
constexpr std::size_t path_max = 4095;

bool is_path(std::string_view text) {
  return !text.empty() && text.size() <= path_max && text.find('\0') == std::string_view::npos;
}

bool is_socket(std::string_view text) {
  return text.starts_with("unix:") && is_path(text.substr(5)) && text.size() - 5 <= socket_path_max;
}

bool is_number_up_to(std::string_view text, unsigned max) {
  const auto value = whole_number<unsigned>(text);
  return value && *value <= max && text.size() <= 5;
}

bool is_numeric_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) // IPv6: whoever binds it looks closer
    return host.size() > 3
           && host.find_first_not_of("0123456789abcdefABCDEF:.", 1) == host.size() - 1;
  for (auto part = 0; part < 4; ++part) {
    const auto dot = std::min(host.find('.'), host.size());
    if ((dot == host.size()) != (part == 3) || !is_number_up_to(host.substr(0, dot), 255))
      return false;
    host.remove_prefix(std::min(dot + 1, host.size()));
  }
  return true;
}

/// The host may be a name; what that means is asked when it is dialled.
bool is_name_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos || colon == 0)
    return false;
  const auto port = text.substr(colon + 1);
  const auto is_fit = [](char x) {
    return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z')
           || std::string_view{".-_:[]"}.find(x) != std::string_view::npos;
  };
  const auto host = text.substr(0, colon);
  return port != "0" && is_number_up_to(port, 65'535)
         && std::all_of(host.begin(), host.end(), is_fit);
}

bool is_host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  return colon != std::string_view::npos && is_numeric_host(text.substr(0, colon))
         && is_number_up_to(text.substr(colon + 1), 65'535);
}

bool is_pattern(std::string_view text) {
  auto rules = ignore_rules{};
  rules.add(text);
  const auto pattern = ignore_pattern::parse(text);
  return rules.left_out() == 0 && pattern && !pattern->is_malformed();
}

bool is_change(std::string_view text) {
  return text.find(',') == std::string_view::npos
         && std::holds_alternative<change_kinds>(change_kinds::parse(text));
}

bool has_no_controls(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_url(std::string_view text, std::string_view scheme, std::string_view secure) {
  const auto is_known = text.starts_with(scheme) || text.starts_with(secure);
  const auto rest = text.substr(std::min(text.find("//") + 2, text.size()));
  return is_known && !rest.empty() && rest.front() != '/' && has_no_controls(text)
         && text.find(' ') == std::string_view::npos;
}

bool is_header(std::string_view text) {
  constexpr auto token = "!#$%&'*+-.^_`|~0123456789"
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"; // RFC 9110, 5.6.2
  const auto colon = text.find(':');
  return colon != std::string_view::npos && colon != 0
         && text.substr(0, colon).find_first_not_of(token) == std::string_view::npos
         && has_no_controls(text.substr(colon));
}

bool keeps(value_rule rule, std::string_view text) {
  switch (rule) {
    case value_rule::any: return true;
    case value_rule::name: return is_name(text);
    case value_rule::pattern: return is_pattern(text);
    case value_rule::change_kind: return is_change(text);
    case value_rule::root:
    case value_rule::awaited_root:
    case value_rule::file_to_read:
    case value_rule::directory: return is_path(text);
    case value_rule::file_to_write: return is_path(text) && text.back() != '/';
    case value_rule::socket_address: return is_socket(text);
    case value_rule::door_address: return is_socket(text) || is_host_and_port(text);
    case value_rule::http_address: return is_host_and_port(text);
    case value_rule::dial_address: return is_socket(text) || is_name_and_port(text);
    case value_rule::http_url: return is_url(text, "http://", "https://");
    case value_rule::nats_url: return is_url(text, "nats://", "tls://");
    case value_rule::subject:
      return !text.empty() && has_no_controls(text)
             && text.find_first_of(" *>") == std::string_view::npos;
    case value_rule::header: return is_header(text);
    case value_rule::assignment:
      return text.find('=') != std::string_view::npos && text.find('=') != 0
             && text.find('\0') == std::string_view::npos;
    case value_rule::command_line: return text.find('\0') == std::string_view::npos;
  }
  return false;
}

} // namespace

std::string_view description_of(value_rule rule) noexcept {
  switch (rule) {
    case value_rule::any: return "";
    case value_rule::name: return "1 to 64 letters, digits, '-' or '_'";
    case value_rule::pattern: return "a pattern that can match something, as in gitignore(5)";
    case value_rule::change_kind: return "create, modify, delete, rename or attrib";
    case value_rule::root:
    case value_rule::awaited_root:
    case value_rule::file_to_read:
    case value_rule::directory: return "a path";
    case value_rule::file_to_write: return "the path of a file";
    case value_rule::socket_address: return "unix:PATH, the path of at most 107 bytes";
    case value_rule::door_address: return "unix:PATH or HOST:PORT, the host a number";
    case value_rule::http_address: return "HOST:PORT, the host a number";
    case value_rule::dial_address: return "unix:PATH or HOST:PORT";
    case value_rule::http_url: return "http://HOST[:PORT]/PATH or https://...";
    case value_rule::nats_url: return "nats://HOST[:PORT] or tls://...";
    case value_rule::subject: return "a subject of NATS without wildcards";
    case value_rule::header: return "Name: value";
    case value_rule::assignment: return "NAME=VALUE";
    case value_rule::command_line: return "a text without NUL";
  }
  return "";
}

std::string shown(value_rule rule, std::string_view value) {
  switch (rule) {
    case value_rule::http_url:
    case value_rule::nats_url:
      return value.find('@') == std::string_view::npos ? '"' + shown(value) + '"'
                                                       : "what stands there";
    case value_rule::header:
    case value_rule::assignment: return "what stands there";
    default: return '"' + shown(value) + '"';
  }
}

std::string mistake_in(value_rule rule, std::string_view value) {
  if (keeps(rule, value))
    return {};
  return "must be " + std::string{description_of(rule)} + ", not " + shown(rule, value);
}

bool is_local_address(std::string_view address) {
  return address.starts_with("unix:") || address.starts_with("127.")
         || address.starts_with("localhost:") || address.starts_with("[::1]:");
}

} // namespace actors
