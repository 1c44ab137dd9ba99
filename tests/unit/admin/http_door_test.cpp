#include "actors/admin/http_door.hpp"

#include "actors/admin/admin_client.hpp"
#include "actors/os/unix_socket.hpp"
#include "support/patience.hpp"
#include "support/sockets.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace actors;
using namespace actors::test;

namespace http_door_test {

struct fixture {
  temporary_directory folder;
  std::string path = folder.path() + "/door.sock";
  std::atomic<int> asked{0};

  door_answer answer(const door_request& what) {
    ++asked;
    if (what.path == "/throw")
      throw std::runtime_error{"a secret"};
    if (what.path == "/stream")
      return {200, "text/event-stream", {}, [](std::string& more) {
                more += "data: x\n\n";
                std::this_thread::sleep_for(10ms);
                return true;
              }};
    if (what.path == "/few")
      return {200, "text/plain", {}, [left = 3](std::string& more) mutable {
                more += "few\n";
                return --left != 0;
              }};
    const auto found = what.query.find("x");
    return {what.path == "/missing" ? 404 : 200, "text/plain",
      what.method + " " + what.path + (found == what.query.end() ? "" : " " + found->second)};
  }

  std::unique_ptr<http_door> open(door_limits limits = {}) {
    auto door = http_door::open_unix(
      path, [this](const door_request& x) { return answer(x); }, limits);
    BOOST_REQUIRE_MESSAGE(door, (door ? "" : door.error().text));
    return std::move(*door);
  }

  /// What comes back for these bytes, until the door closes.
  std::string say(std::string_view bytes) const {
    auto peer = connect_unix(path);
    BOOST_REQUIRE(peer);
    write_all(*peer, bytes, patience);
    return read_until(*peer, {}, 1 << 20, patience);
  }

  admin_client client() const { return std::move(*admin_client::to({path, "", ""})); }
};

} // namespace http_door_test

BOOST_FIXTURE_TEST_SUITE(http_door_test, fixture)

BOOST_AUTO_TEST_CASE(a_client_is_answered) {
  const auto door = open();
  auto node = client();
  const auto got = node.get("/a%20b?x=1%2F2", patience);
  BOOST_REQUIRE_MESSAGE(got, (got ? "" : got.error().text));
  BOOST_TEST(got->status == 200);
  BOOST_TEST(got->body == "GET /a b 1/2");
  BOOST_TEST(node.post("/do", patience)->body == "POST /do");
  BOOST_TEST(node.get("/missing", patience)->status == 404);
}

BOOST_AUTO_TEST_CASE(a_stream_ends_when_its_route_says_so) {
  const auto door = open();
  auto text = std::string{};
  const auto end = client().follow("/few", [&](std::string_view more) {
    text += more;
    return true;
  });
  BOOST_REQUIRE(end);
  BOOST_TEST(end->status == 200);
  BOOST_TEST(text == "few\nfew\nfew\n");
}

BOOST_AUTO_TEST_CASE(what_a_route_throws_is_told_nobody) {
  const auto door = open();
  const auto answer = say("GET /throw HTTP/1.1\r\n\r\n");
  BOOST_TEST(answer.starts_with("HTTP/1.1 500 "));
  BOOST_TEST(answer.find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_request_that_is_none_is_refused) {
  const auto door = open();
  BOOST_TEST(say("hello\r\n\r\n").starts_with("HTTP/1.1 400 "));
  BOOST_TEST(say(std::string(100, '\0') + "\r\n\r\n").starts_with("HTTP/1.1 400 "));
  BOOST_TEST(asked == 0);
}

BOOST_AUTO_TEST_CASE(heads_have_a_bound_in_bytes_and_lines) {
  const auto door = open();
  BOOST_TEST(say("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
               .starts_with("HTTP/1.1 431 "));
  auto many = std::string{"GET / HTTP/1.1\r\n"};
  for (int i = 0; i < 200; ++i)
    many += "X: y\r\n";
  BOOST_TEST(say(many + "\r\n").starts_with("HTTP/1.1 431 "));
  BOOST_TEST(asked == 0);
}

BOOST_AUTO_TEST_CASE(ranges_and_compression_are_not_heard) {
  const auto door = open();
  const auto answer = say("GET / HTTP/1.1\r\nRange: bytes=0-0\r\nAccept-Encoding: gzip\r\n\r\n");
  BOOST_TEST(answer.starts_with("HTTP/1.1 200 "));
  BOOST_TEST(answer.ends_with("GET /"));
}

BOOST_AUTO_TEST_CASE(who_drips_is_cut_off) {
  const auto door = open({.request_patience = 100ms});
  auto peer = connect_unix(path);
  BOOST_REQUIRE(peer);
  write_all(*peer, "GET / HT", patience);
  BOOST_TEST(read_until(*peer, {}, 1000, patience).starts_with("HTTP/1.1 408 "));
  BOOST_TEST(eventually([&] { return door->connections() == 0; }));
}

BOOST_AUTO_TEST_CASE(the_idle_make_room_for_those_who_ask) {
  const auto door = open({.connections_max = 4});
  auto idle = std::vector<unique_fd>{};
  for (int i = 0; i < 40; ++i)
    if (auto peer = connect_unix(path))
      idle.push_back(std::move(*peer));
  BOOST_TEST(idle.size() > 4u);
  BOOST_TEST(eventually([&] {
    auto got = client().get("/", patience);
    return got && got->status == 200;
  }));
  BOOST_TEST(door->connections() <= 8u);
}

BOOST_AUTO_TEST_CASE(when_all_are_at_work_the_next_is_told) {
  const auto door = open({.connections_max = 2});
  auto readers = std::vector<unique_fd>{};
  for (int i = 0; i < 2; ++i) {
    auto peer = connect_unix(path);
    BOOST_REQUIRE(peer);
    write_all(*peer, "GET /stream HTTP/1.1\r\n\r\n", patience);
    BOOST_TEST(!read_until(*peer, "data: x", 10'000, patience).empty());
    readers.push_back(std::move(*peer));
  }
  BOOST_TEST(say("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 503 "));
  readers.clear(); // their places become free, though nothing was said
  BOOST_TEST(eventually([&] { return door->connections() == 0; }));
}

BOOST_AUTO_TEST_CASE(it_closes_at_once_whatever_clients_do) {
  auto door = open();
  auto peers = std::vector<unique_fd>{};
  for (const auto* said : {"", "GET / HT", "GET /stream HTTP/1.1\r\n\r\n",
         "POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\nx"})
    if (auto peer = connect_unix(path)) {
      write_all(*peer, said, patience);
      peers.push_back(std::move(*peer));
    }
  BOOST_TEST(eventually([&] { return door->connections() >= 3 && asked >= 1; }));
  const auto begin = std::chrono::steady_clock::now();
  door.reset();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 1s));
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(the_socket_is_its_owners_alone) {
  const auto door = open();
  struct stat st {};
  BOOST_REQUIRE(::stat(path.c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 07777) == 0600u);
}

BOOST_AUTO_TEST_CASE(a_file_that_took_the_name_is_left_alone) {
  auto door = open();
  std::filesystem::remove(path);
  std::ofstream{path} << "mine";
  door.reset();
  BOOST_TEST(std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(other_addresses_than_loopback_want_a_token_and_a_certificate) {
  const auto routes = [this](const door_request& x) { return answer(x); };
  BOOST_TEST(!http_door::open_port({.listen = "0.0.0.0:0"}, routes));
  std::ofstream{folder.path() + "/token"} << "short\n";
  const auto weak =
    http_door::open_port({.listen = "127.0.0.1:0", .token_file = folder.path() + "/token"}, routes);
  BOOST_REQUIRE(!weak);
  BOOST_TEST((weak.error().code == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_port_judges_who_asks) {
  const auto routes = [this](const door_request& x) { return answer(x); };
  std::ofstream{folder.path() + "/token"} << "sesame-sesame-sesame\n";
  const auto door =
    http_door::open_port({.listen = "127.0.0.1:0", .token_file = folder.path() + "/token"}, routes);
  BOOST_REQUIRE_MESSAGE(door, (door ? "" : door.error().text));
  auto stranger = admin_client::to({(*door)->address(), "", ""});
  BOOST_TEST(stranger->get("/", patience)->status == 401);
  auto owner = admin_client::to({(*door)->address(), folder.path() + "/token", ""});
  BOOST_TEST(owner->get("/", patience)->status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
