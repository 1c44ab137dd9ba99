// Against servers on this machine: one that answers as it is told, and one that behaves badly.
#include "actors/sinks/http_sink.hpp"

#include "actors/os/poll.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace http_sink_tests {

using clock = std::chrono::steady_clock;

struct post {
  std::string body;
  std::string type;
  std::string key;
  std::string authorization;
  std::string extra;
};

/// Answers each post by a function; keeps what came.
template <class Server>
class receiver {
public:
  using answer_function = std::function<void(const post&, httplib::Response&)>;

  template <class... Arguments>
  explicit receiver(answer_function answer, Arguments... arguments)
    : answer_{std::move(answer)}, server_{arguments...} {
    server_.Post("/in", [this](const httplib::Request& request, httplib::Response& response) {
      const auto what = post{request.body, request.get_header_value("Content-Type"),
        request.get_header_value("Idempotency-Key"), request.get_header_value("Authorization"),
        request.get_header_value("X-Extra")};
      {
        const auto held = std::scoped_lock{mutex_};
        posts_.push_back(what);
      }
      answer_(what, response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running())
      std::this_thread::sleep_for(1ms);
  }
  ~receiver() {
    server_.stop();
    thread_.join();
  }
  int port() const { return port_; }
  std::vector<post> posts() {
    const auto held = std::scoped_lock{mutex_};
    return posts_;
  }

private:
  answer_function answer_;
  Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<post> posts_;
  std::thread thread_;
};
using plain_receiver = receiver<httplib::Server>;

/// Takes connections and treats each as it is told.
class bad_server {
public:
  explicit bad_server(std::function<void(int)> treat) : treat_{std::move(treat)} {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    auto address = sockaddr_in{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto size = socklen_t{sizeof address};
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] {
      for (;;) {
        const auto fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0)
          return;
        ++connections;
        treat_(fd);
        open_.push_back(fd);
      }
    }};
  }
  ~bad_server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const auto fd : open_)
      ::close(fd);
  }
  int port() const { return port_; }
  std::atomic<int> connections{0};

private:
  std::function<void(int)> treat_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<int> open_;
  std::thread thread_;
};

void read_some(int fd) {
  auto buffer = std::array<char, 65536>{};
  [[maybe_unused]] const auto got = ::read(fd, buffer.data(), buffer.size());
}
void say(int fd, const std::string& text) {
  [[maybe_unused]] const auto put = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
}

/// Of which another thread may ask for the stop.
struct stoppable_context final : public fake_base_context<sink_context> {
  int wake_descriptor() const override { return halt.descriptor(); }
  bool stop_requested() const override { return stop; }
  void lost(const event_batch& what) override { records_lost += what.size(); }
  void release(std::size_t) override {}
  void end(std::string_view, fate) override {}
  void degraded(std::string_view reason) override {
    degradation = reason;
    ++times_degraded;
    if (times_degraded >= stop_after)
      request_stop();
  }
  void request_stop() {
    stop = true;
    halt.raise();
  }
  wake_event halt;
  std::atomic<bool> stop{false};
  std::size_t records_lost = 0;
  int times_degraded = 0;
  int stop_after = 1'000'000;
};

struct fixture {
  stoppable_context ctx;
  http_sink_options options;

  fixture() {
    options.retry_base = 2ms;
    options.retry_max = 5ms;
    options.timeout = 5s;
  }
  void offer(int port, const event_batch& batch, const std::string& scheme = "http") {
    options.url = scheme + "://127.0.0.1:" + std::to_string(port) + "/in";
    auto sink = http_sink{options, [](const event_batch&) { return std::string{"stream"}; }};
    sink.on_start(ctx);
    sink.offer(batch, ctx);
  }
  std::chrono::milliseconds stop_while(int port, std::chrono::milliseconds after) {
    auto asked = clock::now();
    auto other = std::thread{[&] {
      std::this_thread::sleep_for(after);
      asked = clock::now();
      ctx.request_stop();
    }};
    offer(port, batch_of({"/a"}).numbered(1));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - asked);
    other.join();
    return took;
  }
};

event_batch many(std::size_t count) {
  auto paths = std::vector<std::string>{};
  for (std::size_t i = 0; i < count; ++i)
    paths.push_back("/" + std::to_string(i));
  return batch_of(paths).numbered(11);
}

} // namespace http_sink_tests

BOOST_FIXTURE_TEST_SUITE(http_sink_tests, fixture)

BOOST_AUTO_TEST_CASE(a_batch_is_posted_as_lines_with_a_key) {
  auto server = plain_receiver{[](const post&, httplib::Response& x) { x.status = 204; }};
  options.headers = {"X-Extra: yes"};
  offer(server.port(), batch_of({"/a", "/b"}).numbered(7));
  const auto posts = server.posts();
  BOOST_REQUIRE(posts.size() == 1u);
  BOOST_TEST(posts[0].type == "application/x-ndjson");
  BOOST_TEST(posts[0].key == "stream-7-8");
  BOOST_TEST(posts[0].extra == "yes");
  BOOST_TEST(posts[0].body.starts_with(R"({"seq":7,"type":"modify","path":"/a")"));
  BOOST_TEST(std::count(posts[0].body.begin(), posts[0].body.end(), '\n') == 2);
  BOOST_TEST(ctx.times_degraded == 0);
}

BOOST_AUTO_TEST_CASE(what_may_pass_is_tried_again_with_the_same_key) {
  auto answers = std::vector<int>{500, 503, 429, 408, 401, 404, 301, 200};
  auto next = std::size_t{0};
  auto server =
    plain_receiver{[&](const post&, httplib::Response& x) { x.status = answers[next++]; }};
  offer(server.port(), batch_of({"/a"}).numbered(7));
  const auto posts = server.posts();
  BOOST_REQUIRE(posts.size() == answers.size());
  for (const auto& x : posts)
    BOOST_TEST(x.key == "stream-7-7");
  BOOST_TEST(ctx.times_degraded == 7);
  BOOST_TEST(ctx.degradation == ""); // recovered
  BOOST_TEST(ctx.records_lost == 0u);
  BOOST_TEST(ctx.lines.size() == 1u); // one line an edge
}

BOOST_AUTO_TEST_CASE(what_is_refused_is_given_up_loudly) {
  auto server = plain_receiver{[](const post&, httplib::Response& x) {
    x.status = 422;
    x.set_content("no\nsuch field", "text/plain");
  }};
  offer(server.port(), batch_of({"/a", "/b"}).numbered(7));
  BOOST_TEST(server.posts().size() == 1u);
  BOOST_TEST(ctx.records_lost == 2u);
  BOOST_REQUIRE(ctx.lines.size() == 1u);
  BOOST_TEST((ctx.lines[0].level == log_level::error));
  BOOST_TEST(ctx.lines[0].event == "batch_refused");
  BOOST_TEST(ctx.lines[0].fields.back().second == "no such field");
}

BOOST_AUTO_TEST_CASE(what_is_too_large_goes_in_halves) {
  auto taken = std::string{};
  auto server = plain_receiver{[&](const post& what, httplib::Response& x) {
    x.status = std::count(what.body.begin(), what.body.end(), '\n') > 3 ? 413 : 200;
    if (x.status == 200)
      taken += what.body;
  }};
  offer(server.port(), many(20));
  auto at = std::size_t{0};
  for (auto i = 0; i < 20; ++i) { // all, once, in order
    at = taken.find("{\"seq\":" + std::to_string(11 + i) + ",", at);
    BOOST_REQUIRE(at != std::string::npos);
  }
  BOOST_TEST(std::count(taken.begin(), taken.end(), '\n') == 20);
  BOOST_TEST(ctx.records_lost == 0u);
}

BOOST_AUTO_TEST_CASE(one_record_that_is_too_large_is_given_up_and_the_others_arrive) {
  auto lines = std::size_t{0};
  auto server = plain_receiver{[&](const post& what, httplib::Response& x) {
    x.status = what.body.find("\"/3\"") != std::string::npos ? 413 : 200;
    if (x.status == 200)
      lines += static_cast<std::size_t>(std::count(what.body.begin(), what.body.end(), '\n'));
  }};
  offer(server.port(), many(8));
  BOOST_TEST(lines == 7u);
  BOOST_TEST(ctx.records_lost == 1u);
}

BOOST_AUTO_TEST_CASE(retry_after_is_obeyed) {
  auto next = 0;
  auto server = plain_receiver{[&](const post&, httplib::Response& x) {
    x.status = next++ == 0 ? 503 : 200;
    x.set_header("Retry-After", "1");
  }};
  const auto began = clock::now();
  offer(server.port(), batch_of({"/a"}).numbered(7));
  BOOST_TEST((clock::now() - began >= 1000ms));
  BOOST_TEST(server.posts().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_token_is_read_for_every_post_and_never_told) {
  const auto file = "/tmp/actors-token-" + std::to_string(::getpid());
  std::ofstream{file} << "first-s3cret\n";
  options.token_file = file;
  auto server = plain_receiver{[&](const post& what, httplib::Response& x) {
    x.status = what.authorization == "Bearer second-s3cret" ? 200 : 401;
    std::ofstream{file} << "second-s3cret\n";
  }};
  offer(server.port(), batch_of({"/a"}).numbered(7));
  BOOST_TEST(server.posts().size() == 2u);
  for (const auto& line : ctx.lines)
    for (const auto& [name, value] : line.fields)
      BOOST_TEST(value.find("s3cret") == std::string::npos);
  std::filesystem::remove(file);
  ctx.stop_after = ctx.times_degraded + 1;
  offer(server.port(), batch_of({"/a"}).numbered(8));
  BOOST_TEST(ctx.degradation.find("token_file") != std::string::npos);
  BOOST_TEST(server.posts().size() == 2u); // not posted without
}

BOOST_AUTO_TEST_CASE(nobody_there_is_told_and_tried_again) {
  auto port = 0;
  {
    port = bad_server{[](int) {}}.port();
  }
  ctx.stop_after = 3;
  offer(port, batch_of({"/a"}).numbered(7));
  BOOST_TEST(ctx.degradation.find("no connection") != std::string::npos);
  BOOST_TEST(ctx.degradation.find("next try in") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_reset_is_tried_again) {
  auto server = bad_server{[](int fd) {
    const auto at_once = linger{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::shutdown(fd, SHUT_RDWR);
  }};
  ctx.stop_after = 3;
  offer(server.port(), batch_of({"/a"}).numbered(7));
  BOOST_TEST(server.connections == 3);
}

BOOST_AUTO_TEST_CASE(garbage_is_no_answer) {
  auto server = bad_server{[](int fd) {
    read_some(fd);
    say(fd, "hello, this is no HTTP\r\n\r\n");
    ::shutdown(fd, SHUT_RDWR);
  }};
  ctx.stop_after = 2;
  offer(server.port(), batch_of({"/a"}).numbered(7));
  BOOST_TEST(ctx.times_degraded == 2);
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_times_out) {
  auto server = bad_server{[](int) {}};
  options.timeout = 100ms;
  ctx.stop_after = 2;
  const auto began = clock::now();
  offer(server.port(), batch_of({"/a"}).numbered(7));
  BOOST_TEST((clock::now() - began < 3s));
  BOOST_TEST(ctx.degradation.find("no answer within 100 ms") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_it_while_the_server_hangs) {
  auto server = bad_server{[](int) {}};
  options.timeout = 60s;
  BOOST_TEST((stop_while(server.port(), 100ms) < 3s));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_it_while_it_waits_for_the_next_try) {
  auto server = bad_server{[](int fd) { ::shutdown(fd, SHUT_RDWR); }};
  options.retry_base = options.retry_max = 60s;
  BOOST_TEST((stop_while(server.port(), 100ms) < 3s));
}

BOOST_AUTO_TEST_CASE(a_server_that_takes_no_connection_is_stopped_and_timed_out) {
  // A backlog that is full: further connections hang in the kernel.
  const auto listener = ::socket(AF_INET, SOCK_STREAM, 0);
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto size = socklen_t{sizeof address};
  ::bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener, 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  auto fillers = std::vector<int>{};
  for (auto i = 0; i < 4; ++i) {
    fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    (void)::connect(fillers.back(), reinterpret_cast<sockaddr*>(&address), size);
  }
  options.connect_timeout = 60s;
  options.timeout = 60s;
  BOOST_TEST((stop_while(ntohs(address.sin_port), 200ms) < 3s));
  for (const auto fd : fillers)
    ::close(fd);
  ::close(listener);
}

BOOST_AUTO_TEST_CASE(a_body_without_end_is_cut_off_and_the_status_counts) {
  auto server = bad_server{[](int fd) {
    read_some(fd);
    say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (auto i = 0; i < 100; ++i)
      say(fd, "1000\r\n" + std::string(4096, 'x') + "\r\n");
  }};
  const auto began = clock::now();
  offer(server.port(), batch_of({"/a"}).numbered(7));
  BOOST_TEST((clock::now() - began < 3s));
  BOOST_TEST(server.connections == 1);
  BOOST_TEST(ctx.times_degraded == 0);
}

BOOST_AUTO_TEST_CASE(a_body_that_drips_does_not_hold_a_batch_that_was_taken) {
  auto server = bad_server{[](int fd) {
    read_some(fd);
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nslow");
  }};
  options.timeout = 200ms;
  offer(server.port(), batch_of({"/a"}).numbered(7));
  BOOST_TEST(server.connections == 1);
  BOOST_TEST(ctx.times_degraded == 0);
}

namespace {

/// A CA made for this test, and a server's certificate by it for 127.0.0.1.
struct certificates {
  test::temporary_directory where;
  std::string directory = where.path();
  certificates() {
    const auto script =
      "cd " + directory
      + " && exec >/dev/null 2>&1; set -e;"
        " openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        "   -keyout ca.key -out ca.pem -subj /CN=test-ca;"
        " openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem"
        "   -out req.pem -subj /CN=server;"
        " printf 'subjectAltName=IP:127.0.0.1,DNS:localhost' > ext;"
        " openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
        "   -extfile ext -out cert.pem";
    is_made = std::system(script.c_str()) == 0;
  }
  bool is_made = false;
};

} // namespace

BOOST_AUTO_TEST_CASE(tls_is_verified_against_the_ca_that_is_given) {
  const auto made = certificates{};
  BOOST_REQUIRE(made.is_made);
  const auto cert = made.directory + "/cert.pem";
  const auto key = made.directory + "/key.pem";
  auto server = receiver<httplib::SSLServer>{
    [](const post&, httplib::Response& x) { x.status = 200; }, cert.c_str(), key.c_str()};
  ctx.stop_after = 1;
  offer(server.port(), batch_of({"/a"}).numbered(7), "https"); // the system does not know that CA
  BOOST_TEST(ctx.degradation.find("not trusted") != std::string::npos);
  BOOST_TEST(server.posts().empty());
  ctx.stop = false;
  ctx.halt.lower();
  ctx.stop_after = 1'000'000;
  options.ca_file = made.directory + "/ca.pem";
  offer(server.port(), batch_of({"/a"}).numbered(8), "https");
  BOOST_TEST(server.posts().size() == 1u);
  options.ca_file.clear();
  options.verify = false;
  offer(server.port(), batch_of({"/a"}).numbered(9), "https");
  BOOST_TEST(server.posts().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
