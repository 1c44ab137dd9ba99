#include "actors/sinks/http_address.hpp"

#include "actors/core/whole_number.hpp"
#include "actors/os/owned_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace actors {

namespace {

constexpr auto port_max = 65'535;
constexpr auto url_max = std::size_t{4096}; ///< servers refuse longer ones, RFC 9110, 4.1 asks 8000

bool is_visible(char x) {
  return static_cast<unsigned char>(x) > ' ' && static_cast<unsigned char>(x) < 0x7F;
}

bool equal_but_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x))
           == std::tolower(static_cast<unsigned char>(y));
  });
}

tl::unexpected<error> bad_url(const std::string& why) {
  return failure(
    errc::invalid_argument, "url: " + why + "; it must be http://HOST[:PORT]/PATH or https://...");
}

/// Takes "HOST", "HOST:PORT", "[::1]:PORT" apart.
result<void> parse_authority(std::string_view text, http_address& into) {
  auto rest = std::string_view{};
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos)
      return bad_url("a bracket is not closed");
    into.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (into.host.find_first_not_of("0123456789abcdefABCDEF:.") != into.host.npos)
      return bad_url("there is no IPv6 address in the brackets");
  } else {
    const auto colon = text.find(':');
    into.host = text.substr(0, colon);
    rest = colon == text.npos ? "" : text.substr(colon);
    const auto is_odd = [](char x) {
      return std::isalnum(static_cast<unsigned char>(x)) == 0 && x != '.' && x != '-' && x != '_';
    };
    if (std::any_of(into.host.begin(), into.host.end(), is_odd))
      return bad_url("the host has characters that no host has");
  }
  if (into.host.empty())
    return bad_url("there is no host");
  if (rest.empty())
    return {};
  into.port = whole_number<int>(rest.substr(1)).value_or(0);
  if (rest.front() != ':' || into.port < 1 || into.port > port_max)
    return bad_url("the port must be from 1 to 65535");
  return {};
}

} // namespace

std::string http_address::shown() const {
  const auto is_v6 = host.find(':') != host.npos;
  const auto plain_port = is_secure ? 443 : 80;
  return std::string{is_secure ? "https://" : "http://"} + (is_v6 ? "[" + host + "]" : host)
         + (port == plain_port ? "" : ":" + std::to_string(port))
         + target.substr(0, target.find('?'));
}

result<http_address> parse_http_url(std::string_view url) {
  auto made = http_address{};
  if (url.size() > url_max)
    return bad_url("it is longer than " + std::to_string(url_max) + " bytes");
  if (!std::all_of(url.begin(), url.end(), is_visible))
    return bad_url("it has a space, a control character or a byte that is no ASCII (write %XX)");
  if (url.starts_with("http://"))
    url.remove_prefix(7);
  else if (url.starts_with("https://")) {
    made.is_secure = true;
    url.remove_prefix(8);
  } else
    return bad_url("it begins with neither");
  made.port = made.is_secure ? 443 : 80;
  if (url.find('#') != url.npos)
    return bad_url("a fragment (#...) is not sent to servers");
  const auto end = std::min(url.find_first_of("/?"), url.size());
  const auto authority = url.substr(0, end);
  if (authority.find('@') != authority.npos)
    return bad_url("a user name or password does not belong in it (use token_file)");
  if (auto done = parse_authority(authority, made); !done)
    return tl::unexpected{done.error()};
  made.target = url.substr(end);
  if (!made.target.starts_with('/'))
    made.target.insert(0, "/");
  return made;
}

result<std::pair<std::string, std::string>> parse_header(std::string_view line) {
  const auto colon = line.find(':');
  auto name = std::string{line.substr(0, colon)};
  constexpr auto token =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
  if (colon == line.npos || name.empty() || name.find_first_not_of(token) != name.npos)
    return failure(errc::invalid_argument, "header: it must be \"Name: value\"");
  auto value = line.substr(colon + 1);
  const auto begin = std::min(value.find_first_not_of(" \t"), value.size());
  value.remove_prefix(begin);
  value = value.substr(0, value.find_last_not_of(" \t") + 1);
  for (const auto x : value)
    if ((static_cast<unsigned char>(x) < ' ' && x != '\t') || x == 0x7F)
      return failure(
        errc::invalid_argument, "header " + name + ": its value has a control character");
  constexpr auto ours = std::array<std::string_view, 7>{"Content-Type", "Content-Length",
    "Idempotency-Key", "Transfer-Encoding", "Connection", "Expect", "Content-Encoding"};
  for (const auto own : ours)
    if (equal_but_case(name, own))
      return failure(errc::invalid_argument, "header " + name + ": it is set by the sink itself");
  return std::pair{std::move(name), std::string{value}};
}

result<void> check(const http_sink_options& options) {
  if (const auto address = parse_http_url(options.url); !address)
    return tl::unexpected{address.error()};
  for (const auto& line : options.headers) {
    const auto header = parse_header(line);
    if (!header)
      return tl::unexpected{header.error()};
    if (!options.token_file.empty() && equal_but_case(header->first, "Authorization"))
      return failure(errc::invalid_argument, "header Authorization: token_file gives it already");
  }
  using std::chrono::milliseconds;
  if (options.connect_timeout < milliseconds{1} || options.timeout < milliseconds{1})
    return failure(errc::invalid_argument, "connect_timeout and timeout must be at least 1ms");
  if (options.retry_base < milliseconds{1} || options.retry_max < options.retry_base)
    return failure(errc::invalid_argument, "retry_base must be from 1ms to retry_max");
  if (!options.ca_file.empty() && !has_file(options.ca_file))
    return failure(errc::not_found, "ca_file: there is no " + options.ca_file);
  return {};
}

} // namespace actors
