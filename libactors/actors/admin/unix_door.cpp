#include "actors/admin/unix_door.hpp"

#include "actors/os/poll.hpp"
#include "actors/os/unix_socket.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// A request line and a few headers.
constexpr std::size_t request_bytes_max = 8'192;

/// Ten thousand children are some 4 MiB of health.
constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;

/// From accept to the last byte; local peers need microseconds.
constexpr auto patience = 1s;

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 503: return "Service Unavailable";
    default: return "Error";
  }
}

/// The path of "GET path HTTP/1.x"; an answer that says what is wrong otherwise.
tl::expected<std::string, door_answer> path_of(std::string_view request) {
  const auto line = request.substr(0, request.find("\r\n"));
  const auto method_end = line.find(' ');
  const auto path_end = line.find(' ', method_end + 1);
  if (request.find("\r\n\r\n") == std::string_view::npos || method_end == std::string_view::npos
      || path_end == std::string_view::npos || line.substr(path_end + 1, 7) != "HTTP/1.")
    return tl::unexpected{door_answer{400, "text/plain", "expected: GET /path HTTP/1.1\n"}};
  if (line.substr(0, method_end) != "GET")
    return tl::unexpected{door_answer{405, "text/plain", "only GET is answered here\n"}};
  return std::string{line.substr(method_end + 1, path_end - method_end - 1)};
}

} // namespace

result<std::unique_ptr<unix_door>> unix_door::open(std::string path, door_routes routes) {
  auto listener = listen_unix(path);
  if (!listener)
    return tl::unexpected{listener.error()};
  return std::unique_ptr<unix_door>{
    new unix_door{std::move(path), std::move(*listener), std::move(routes)}};
}

unix_door::unix_door(std::string path, unique_fd listener, door_routes routes)
  : path_{std::move(path)}, listener_{std::move(listener)}, routes_{std::move(routes)}, thread_{
                                                                                          [this] {
                                                                                            serve();
                                                                                          }} {}

unix_door::~unix_door() {
  stop_.raise();
  thread_.join();
  ::unlink(path_.c_str());
}

void unix_door::serve() {
  while (wait_readable({listener_.get(), stop_.descriptor()}, std::nullopt), !stop_.lower())
    if (auto peer = accept_unix(listener_))
      answer(peer);
    else // no descriptor left, say: the listener stays readable, so wait before the next try
      wait_readable({stop_.descriptor()}, patience / 10);
}

void unix_door::answer(const unique_fd& peer) {
  const auto path = path_of(read_until(peer, "\r\n\r\n", request_bytes_max, patience));
  const auto what = path ? routes_(*path) : path.error();
  write_all(peer,
    "HTTP/1.1 " + std::to_string(what.status) + " " + std::string{reason_of(what.status)}
      + "\r\nContent-Type: " + what.content_type + "\r\nContent-Length: "
      + std::to_string(what.body.size()) + "\r\nConnection: close\r\n\r\n" + what.body,
    patience);
}

result<std::string> ask_door(const std::string& socket_path, std::string_view what) {
  auto peer = connect_unix(socket_path);
  if (!peer)
    return tl::unexpected{peer.error()};
  const auto silent = failure(errc::unavailable, socket_path + ": no answer in time");
  if (!write_all(*peer, "GET " + std::string{what} + " HTTP/1.1\r\nHost: node\r\n\r\n", patience))
    return silent;
  const auto answer = read_until(*peer, {}, answer_bytes_max, 2 * patience);
  const auto body = answer.find("\r\n\r\n");
  if (body == std::string::npos)
    return silent;
  if (!answer.starts_with("HTTP/1.1 200 "))
    return failure(errc::unavailable, socket_path + ": " + answer.substr(0, answer.find("\r\n")));
  return answer.substr(body + 4);
}

} // namespace actors
