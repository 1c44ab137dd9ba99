#include "actors/admin/http_engine.hpp"

#include "actors/admin/dashboard.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <httplib.h>

namespace actors {

namespace {

time_point from_now(std::chrono::milliseconds span) {
  return std::chrono::steady_clock::now() + span;
}

bool begins_with(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size()
         && std::equal(lower_case.begin(), lower_case.end(), text.begin(), [](char a, char b) {
              return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
            });
}

/// Answers here are whole and not compressed: a request for anything else is not heard (RFC 9110
/// allows it), so that nobody can have this process compress, or match ranges with regular
/// expressions. The lines keep their place under a name that means nothing.
void unname_lines(std::string& head) {
  for (auto at = head.find('\n'); at != std::string::npos; at = head.find('\n', at + 1)) {
    const auto line = std::string_view{head}.substr(at + 1);
    for (const auto* name : {"range", "accept-encoding", "expect"})
      if (begins_with(line, name))
        head[at + 1] = 'x';
  }
}

enum class head_fault { none, too_large, incomplete };

/// Request line and headers, and what came with them.
struct request_head {
  std::string text;
  std::string surplus; ///< the begin of the body
  head_fault fault = head_fault::none;
};

request_head read_head(door_connection& peer, const door_limits& limits, time_point due) {
  auto head = request_head{};
  char buffer[4096];
  for (;;) {
    const auto searched = std::max<std::size_t>(head.text.size(), 3) - 3;
    const auto got = peer.read(buffer, sizeof buffer, due);
    if (got == 0) {
      head.fault = head_fault::incomplete;
      return head;
    }
    head.text.append(buffer, got);
    const auto end = head.text.find("\r\n\r\n", searched);
    if (std::min(end, head.text.size()) > limits.head_bytes_max) {
      head.fault = head_fault::too_large;
      return head;
    }
    if (end == std::string::npos)
      continue;
    head.surplus = head.text.substr(end + 4);
    head.text.resize(end + 4);
    const auto lines = std::count(head.text.begin(), head.text.end(), '\n');
    if (static_cast<std::size_t>(lines) > limits.head_lines_max)
      head.fault = head_fault::too_large;
    return head;
  }
}

/// What cpp-httplib reads from and writes to: a head that is there already, and the peer.
class engine_stream final : public httplib::Stream {
public:
  engine_stream(std::string_view head, door_connection& peer, std::chrono::milliseconds patience)
    : head_{head}, peer_{peer}, patience_{patience}, due_{from_now(patience)} {}

  bool is_readable() const override { return !head_.empty(); }
  bool is_writable() const override { return !is_broken_ && peer_.is_open(); }
  ssize_t read(char* into, std::size_t size) override {
    const auto count = head_.copy(into, size);
    head_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    is_broken_ = is_broken_ || !peer_.write({bytes, size}, due_);
    return is_broken_ ? -1 : static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; } // it only compares it with FD_SETSIZE

  /// The next piece of a stream may take as long as a whole answer.
  void renew() { due_ = from_now(patience_); }

private:
  std::string_view head_;
  door_connection& peer_;
  const std::chrono::milliseconds patience_;
  time_point due_;
  bool is_broken_ = false;
};

/// The stream that this thread serves. cpp-httplib hands handlers no way to it.
thread_local engine_stream* served = nullptr;

void write_refusal(door_connection& peer, std::string_view status, time_point due) {
  const auto text = std::string{status.substr(4)} + "\n";
  peer.write("HTTP/1.1 " + std::string{status}
               + "\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: "
               + std::to_string(text.size()) + "\r\n\r\n" + text,
    due);
}

} // namespace

class http_engine::server final : public httplib::Server {
public:
  server(door_routes routes, door_access access, door_limits with)
    : limits{with}, routes_{std::move(routes)}, access_{std::move(access)} {
    svr_sock_ = 0; // it never listens; streams go on while this is no invalid socket
    set_default_headers({{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"},
      {"Content-Security-Policy", std::string{dashboard_policy()}},
      {"Referrer-Policy", "no-referrer"}});
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      route(request, response);
      return HandlerResponse::Handled;
    });
  }

  void answer(engine_stream& stream) {
    auto is_closed = false;
    served = &stream;
    process_request(stream, true, is_closed, nullptr);
    served = nullptr;
  }

  void end() { svr_sock_ = INVALID_SOCKET; }

  const door_limits limits;

private:
  void route(const httplib::Request& request, httplib::Response& response) const {
    const auto host = request.get_header_value("Host");
    const auto origin = request.get_header_value("Origin");
    const auto authorization = request.get_header_value("Authorization");
    const auto verdict = access_.judge({request.method, host, origin, authorization});
    if (verdict != 200)
      return refuse(verdict, response);
    auto wanted = door_request{request.method == "HEAD" ? "GET" : request.method, request.path, {}};
    for (const auto& [key, value] : request.params)
      wanted.query.emplace(key, value);
    try {
      give(routes_(wanted), request, response);
    } catch (const std::exception&) { // what went wrong is not for whoever asks
      give({500, "text/plain", "the answer could not be made\n"}, request, response);
    }
  }

  static void refuse(int verdict, httplib::Response& response) {
    response.status = verdict;
    if (verdict == 401)
      response.set_header("WWW-Authenticate", "Basic realm=\"actors\", charset=\"UTF-8\"");
    response.set_content(verdict == 401 ? "a token is needed\n"
                                        : "not for this host or origin: ask as 127.0.0.1 or "
                                          "localhost, from a page of this door\n",
      "text/plain");
  }

  static void give(door_answer what, const httplib::Request& request, httplib::Response& response) {
    response.status = what.status;
    if (!what.next)
      return response.set_content(what.body, what.content_type);
    const auto is_last = [next = std::move(what.next)](std::size_t, httplib::DataSink& sink) {
      auto more = std::string{};
      const auto goes_on = next(more);
      if (!served->is_writable())
        return false;
      served->renew();
      if (!more.empty() && !sink.write(more.data(), more.size()))
        return false;
      if (!goes_on)
        sink.done();
      return true;
    };
    if (request.version == "HTTP/1.1")
      response.set_chunked_content_provider(what.content_type, is_last);
    else
      response.set_content_provider(what.content_type, is_last);
  }

  const door_routes routes_;
  const door_access access_;
};

http_engine::http_engine(door_routes routes, door_access access, door_limits limits) {
  // cpp-httplib's constructor has the whole process ignore SIGPIPE; that is the host's to decide.
  struct sigaction before {};
  ::sigaction(SIGPIPE, nullptr, &before);
  server_ = std::make_unique<server>(std::move(routes), std::move(access), limits);
  ::sigaction(SIGPIPE, &before, nullptr);
}

http_engine::~http_engine() = default;

void http_engine::end() {
  server_->end();
}

void http_engine::answer(door_connection& peer, const std::function<void()>& when_read) const {
  const auto& limits = server_->limits;
  const auto due = from_now(limits.request_patience);
  if (!peer.greet(due))
    return;
  auto head = read_head(peer, limits, due);
  if (head.fault == head_fault::incomplete)
    return head.text.empty() ? void() : write_refusal(peer, "408 Request Timeout", due);
  when_read();
  if (head.fault == head_fault::too_large) {
    write_refusal(peer, "431 Request Header Fields Too Large", from_now(limits.answer_patience));
  } else {
    unname_lines(head.text);
    auto stream = engine_stream{head.text, peer, limits.answer_patience};
    server_->answer(stream);
  }
  peer.say_end();
  char buffer[4096]; // the rest of the request, or the kernel takes the answer back (RFC 9112, 9.6)
  const auto rest_due = from_now(std::chrono::milliseconds{200});
  for (auto left = limits.body_bytes_max; left != 0;) {
    const auto got = peer.read(buffer, std::min(left, sizeof buffer), rest_due);
    if (got == 0)
      break;
    left -= got;
  }
}

} // namespace actors
