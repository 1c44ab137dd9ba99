#include "actors/admin/http_door.hpp"

#include "actors/os/poll.hpp"
#include "actors/os/stream_address.hpp"
#include "actors/os/token.hpp"
#include "actors/os/unix_socket.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// When there is no descriptor left the listener stays readable: so long until the next try.
constexpr auto short_of_descriptors = 100ms;

/// Shorter ones can be guessed over a network, given time.
constexpr auto token_bytes_min = std::size_t{16};

result<std::string> read_long_token(const std::string& path) {
  auto token = read_token(path);
  if (token && token->size() < token_bytes_min)
    return failure(
      errc::invalid_argument, path + ": a token has at least 16 characters (openssl rand -hex 24)");
  return token;
}

/// Writes to peers that are gone are an error here, and nobody's end.
void block_broken_pipes() {
  auto set = sigset_t{};
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

} // namespace

result<std::unique_ptr<http_door>> http_door::open_unix(
  const std::string& path, door_routes routes, door_limits limits) {
  auto listener = listen_unix(path);
  if (!listener)
    return tl::unexpected{listener.error()};
  auto door = std::unique_ptr<http_door>{new http_door{"unix:" + path, std::move(*listener),
    nullptr, std::move(routes), door_access::of_owner(), limits}};
  door->file_.emplace(path);
  return door;
}

result<std::unique_ptr<http_door>> http_door::open_port(
  const http_door_options& options, door_routes routes, door_limits limits) {
  auto where = door_address::parse(options.listen);
  if (!where)
    return tl::unexpected{where.error()};
  const auto wants_tls = !options.certificate_file.empty();
  if (!where->is_loopback() && (options.token_file.empty() || !wants_tls))
    return failure(errc::invalid_argument,
      where->text()
        + ": other machines can reach it, so it needs a token (token_file) and a "
          "certificate (certificate_file, key_file)");
  auto token = std::string{};
  if (!options.token_file.empty()) {
    auto read = read_long_token(options.token_file);
    if (!read)
      return tl::unexpected{read.error()};
    token = std::move(*read);
  }
  auto identity = std::unique_ptr<door_identity>{};
  if (wants_tls) {
    auto loaded = door_identity::load(options.certificate_file, options.key_file);
    if (!loaded)
      return tl::unexpected{loaded.error()};
    identity = std::move(*loaded);
  }
  auto listener = where->listen();
  if (!listener)
    return tl::unexpected{listener.error()};
  const auto scheme = wants_tls ? door_access::scheme::https : door_access::scheme::http;
  return std::unique_ptr<http_door>{
    new http_door{(wants_tls ? "https://" : "http://") + where->text(), std::move(*listener),
      std::move(identity), std::move(routes), door_access::of_port(scheme, token), limits}};
}

http_door::http_door(std::string address, unique_fd listener,
  std::unique_ptr<door_identity> identity, door_routes routes, door_access access,
  door_limits limits)
  : address_{std::move(address)}, listener_{std::move(listener)}, identity_{std::move(identity)},
    limits_{limits}, engine_{std::move(routes), std::move(access), limits} {
  thread_ = std::thread{[this] { let_in_all(); }};
}

http_door::~http_door() {
  stop_.raise();
  thread_.join();
  engine_.end();
  {
    const auto held = std::scoped_lock{mutex_};
    for (const auto& x : visitors_)
      ::shutdown(x.socket.get(), SHUT_RDWR);
  }
  for (auto& x : visitors_) // nobody else changes the list now
    x.thread.join();
}

std::size_t http_door::connections() const {
  const auto held = std::scoped_lock{mutex_};
  return static_cast<std::size_t>(
    std::count_if(visitors_.begin(), visitors_.end(), [](const auto& x) { return !x.is_done; }));
}

void http_door::let_in_all() {
  for (;;) {
    wait_readable({listener_.get(), stop_.descriptor(), news_.descriptor()}, std::nullopt);
    if (stop_.lower())
      return;
    if (news_.lower())
      see_out_done();
    if (!wait_readable({listener_.get()}, 0ms))
      continue;
    if (auto socket = accept_stream(listener_))
      let_in(std::move(socket));
    else
      wait_readable({stop_.descriptor()}, short_of_descriptors);
  }
}

void http_door::let_in(unique_fd socket) {
  const auto held = std::scoped_lock{mutex_};
  if (!make_room()) {
    constexpr auto busy =
      std::string_view{"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
                       "Connection: close\r\n\r\n"};
    if (!identity_)
      ::send(socket.get(), busy.data(), busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  auto& who = visitors_.emplace_back();
  who.socket = std::move(socket);
  try {
    who.thread = std::thread{[this, &who] { serve(who); }};
  } catch (const std::system_error&) { // no thread left on this machine: the peer asks again
    visitors_.pop_back();
  }
}

/// False when all have asked and wait for their answers. The mutex is held.
bool http_door::make_room() {
  const auto is_here = [](const visitor& x) { return !x.is_cut_off && !x.is_done; };
  const auto here =
    static_cast<std::size_t>(std::count_if(visitors_.begin(), visitors_.end(), is_here));
  if (here < limits_.connections_max)
    return true;
  if (visitors_.size() >= 2 * limits_.connections_max) // those cut off are still leaving
    return false;
  const auto silent = std::find_if(visitors_.begin(), visitors_.end(),
    [&](const visitor& x) { return is_here(x) && !x.has_asked; });
  if (silent == visitors_.end())
    return false;
  silent->is_cut_off = true;
  ::shutdown(silent->socket.get(), SHUT_RDWR);
  return true;
}

void http_door::see_out_done() {
  auto done = std::list<visitor>{};
  {
    const auto held = std::scoped_lock{mutex_};
    for (auto x = visitors_.begin(); x != visitors_.end();) {
      const auto next = std::next(x);
      if (x->is_done)
        done.splice(done.end(), visitors_, x);
      x = next;
    }
  }
  for (auto& x : done)
    x.thread.join();
}

void http_door::serve(visitor& who) {
  block_broken_pipes();
  try {
    const auto peer = identity_ ? identity_->connection(who.socket) : plain_connection(who.socket);
    if (peer != nullptr)
      engine_.answer(*peer, [&] {
        const auto held = std::scoped_lock{mutex_};
        who.has_asked = true;
      });
  } catch (const std::exception&) { // no memory, say: the peer sees its connection end
  }
  ::shutdown(who.socket.get(), SHUT_RDWR);
  {
    const auto held = std::scoped_lock{mutex_};
    who.is_done = true;
  }
  news_.raise();
}

} // namespace actors
