#include "actors/admin/admin_client.hpp"

#include "actors/admin/door_address.hpp"
#include "actors/os/held_signal.hpp"
#include "actors/os/small_file.hpp"
#include "actors/os/token.hpp"
#include "actors/os/unix_socket.hpp"

#include <fcntl.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <utility>

#include <httplib.h>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// Ten thousand children are some 8 MiB of health.
constexpr auto answer_bytes_max = std::size_t{32 * 1024 * 1024};

constexpr auto connect_patience = 2s;

/// A tap may be silent for as long as nothing changes.
constexpr auto follow_patience = 24h;

/// cpp-httplib 0.11.4 knows no sockets in the file system; its client lets a subclass connect.
class unix_client final : public httplib::ClientImpl {
public:
  explicit unix_client(std::string path) : ClientImpl{"localhost"}, path_{std::move(path)} {}

  const std::optional<error>& problem() const { return problem_; }

private:
  bool create_and_connect_socket(Socket& socket, httplib::Error& problem) override {
    auto connected = connect_unix(path_);
    if (!connected) {
      problem_ = connected.error();
      problem = httplib::Error::Connection;
      return false;
    }
    const auto fd = ::fcntl(connected->get(), F_DUPFD_CLOEXEC, 0); // the base closes it
    const auto flags = ::fcntl(fd, F_GETFL);
    if (fd < 0 || ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0) {
      problem = httplib::Error::Connection;
      return false;
    }
    socket.sock = fd;
    return true;
  }

  const std::string path_;
  std::optional<error> problem_;
};

result<std::unique_ptr<httplib::ClientImpl>> client_for(const admin_client::options& where) {
  const auto& address = where.address;
  const auto unreadable = [](const std::string& file) {
    return failure(errc::invalid_argument, file + ": cannot be read");
  };
  auto made = std::unique_ptr<httplib::ClientImpl>{};
  if (address.starts_with("https://") || address.starts_with("http://")) {
    const auto is_tls = address.starts_with("https://");
    auto rest = address.substr(is_tls ? 8 : 7);
    while (rest.ends_with('/'))
      rest.pop_back();
    const auto colon = rest.rfind(':');
    const auto port = colon == std::string::npos ? 0 : std::atoi(rest.c_str() + colon + 1);
    auto host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
      host = host.substr(1, host.size() - 2);
    if (host.empty() || port <= 0 || port > 65535)
      return failure(errc::invalid_argument,
        "\"" + address + "\" is no address: write " + (is_tls ? "https" : "http") + "://HOST:PORT");
    if (is_tls) {
      auto tls = std::make_unique<httplib::SSLClient>(host, port);
      if (!where.ca_file.empty()) {
        if (!read_small_file(where.ca_file, answer_bytes_max))
          return unreadable(where.ca_file);
        tls->set_ca_cert_path(where.ca_file);
      }
      tls->enable_server_certificate_verification(true);
      made = std::move(tls);
    } else {
      made = std::make_unique<httplib::ClientImpl>(host, port);
    }
  } else {
    const auto path = address.starts_with("unix:") ? address.substr(5) : address;
    if (path.find("://") != std::string::npos)
      return failure(errc::invalid_argument,
        "\"" + address + "\" is no address: write unix:/path or http://HOST:PORT");
    made = std::make_unique<unix_client>(path);
  }
  if (!where.token_file.empty()) {
    const auto token = read_token(where.token_file);
    if (!token)
      return tl::unexpected{token.error()};
    made->set_bearer_token_auth(*token);
  }
  made->set_connection_timeout(connect_patience);
  made->set_write_timeout(connect_patience);
  made->set_keep_alive(false);
  return made;
}

/// "mid/leaf": /nodes/mid/nodes/leaf.
result<std::string> prefix_for(const std::string& node) {
  auto prefix = std::string{};
  for (std::size_t begin = 0; begin < node.size();) {
    const auto end = std::min(node.find('/', begin), node.size());
    if (end == begin || end + 1 == node.size())
      return failure(errc::invalid_argument,
        "\"" + node + "\" is no node: write NAME, or COLLECTOR/NAME for one behind another");
    prefix += "/nodes/" + url_encoded(std::string_view{node}.substr(begin, end - begin));
    begin = end + 1;
  }
  return prefix;
}

} // namespace

admin_client::admin_client(
  std::string address, std::string prefix, std::unique_ptr<httplib::ClientImpl> with)
  : address_{std::move(address)}, prefix_{std::move(prefix)}, client_{std::move(with)} {}
admin_client::admin_client(admin_client&&) noexcept = default;
admin_client::~admin_client() {
  const auto quiet = held_signal{SIGPIPE}; // a connection over TLS says goodbye
  client_.reset();
}

result<admin_client> admin_client::to(options where) {
  auto made = client_for(where);
  if (!made)
    return tl::unexpected{made.error()};
  auto prefix = prefix_for(where.node);
  if (!prefix)
    return tl::unexpected{prefix.error()};
  const auto of_node = where.node.empty() ? "" : " (node " + where.node + ")";
  return admin_client{std::move(where.address) + of_node, std::move(*prefix), std::move(*made)};
}

error admin_client::why_not(int code, bool was_late) const {
  const auto* over_unix = dynamic_cast<const unix_client*>(client_.get());
  const auto what = static_cast<httplib::Error>(code);
  if (over_unix != nullptr && over_unix->problem())
    return *over_unix->problem();
  switch (what) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
      return {errc::unavailable, address_ + ": nobody listens there", {}};
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return {errc::permission_denied,
        address_ + ": its certificate is not trusted, or it speaks no TLS (see --ca)", {}};
    default: break;
  }
  return {was_late ? errc::timed_out : errc::unavailable,
    address_ + (was_late ? ": no answer in time" : ": no answer that can be read"), {}};
}

namespace {

/// Collects a body within bounds.
struct body_collector {
  std::string body;
  std::chrono::steady_clock::time_point due;
  bool was_late = false;

  bool take(const char* bytes, std::size_t size) {
    was_late = std::chrono::steady_clock::now() > due;
    if (was_late || body.size() + size > answer_bytes_max)
      return false;
    body.append(bytes, size);
    return true;
  }
};

} // namespace

result<admin_client::reply> admin_client::get(
  const std::string& path_and_query, std::chrono::milliseconds within) {
  const auto quiet = held_signal{SIGPIPE}; // cpp-httplib writes without MSG_NOSIGNAL
  auto collected = body_collector{{}, std::chrono::steady_clock::now() + within};
  client_->set_read_timeout(within);
  const auto got = client_->Get(prefix_ + path_and_query,
    [&](const char* bytes, std::size_t size) { return collected.take(bytes, size); });
  const auto late = collected.was_late || std::chrono::steady_clock::now() > collected.due;
  if (!got)
    return tl::unexpected{why_not(static_cast<int>(got.error()), late)};
  return reply{got->status, std::move(collected.body)};
}

result<admin_client::reply> admin_client::post(
  const std::string& path, std::chrono::milliseconds within) {
  const auto quiet = held_signal{SIGPIPE};
  const auto due = std::chrono::steady_clock::now() + within;
  client_->set_read_timeout(within);
  auto got = client_->Post(prefix_ + path, std::string{}, "text/plain");
  if (!got)
    return tl::unexpected{
      why_not(static_cast<int>(got.error()), std::chrono::steady_clock::now() > due)};
  return reply{got->status, std::move(got->body)};
}

result<admin_client::reply> admin_client::follow(
  const std::string& path_and_query, const std::function<bool(std::string_view)>& take) {
  const auto quiet = held_signal{SIGPIPE};
  auto refusal = body_collector{{}, std::chrono::steady_clock::now() + connect_patience};
  auto status = 0;
  auto had_enough = false;
  client_->set_read_timeout(follow_patience);
  const auto got = client_->Get(
    prefix_ + path_and_query,
    [&](const httplib::Response& response) {
      status = response.status;
      return true;
    },
    [&](const char* bytes, std::size_t size) {
      if (status != 200)
        return refusal.take(bytes, size);
      had_enough = !take({bytes, size});
      return !had_enough;
    });
  if (!got && !had_enough && status == 0)
    return tl::unexpected{why_not(static_cast<int>(got.error()), false)};
  return reply{status, std::move(refusal.body)};
}

std::string url_encoded(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  auto encoded = std::string{};
  for (const auto x : text) {
    const auto byte = static_cast<unsigned char>(x);
    const auto is_plain = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9')
                          || std::string_view{"-._~/"}.find(x) != std::string_view::npos;
    if (is_plain)
      encoded += x;
    else
      ((encoded += '%') += hex[byte >> 4]) += hex[byte & 15];
  }
  return encoded;
}

} // namespace actors
