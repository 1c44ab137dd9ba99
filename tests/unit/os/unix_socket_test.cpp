#include "actors/os/unix_socket.hpp"

#include "actors/os/poll.hpp"
#include "actors/os/stream_address.hpp"
#include "support/sockets.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>
#include <utility>
#include <vector>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace unix_socket_tests {

struct fixture {
  temporary_directory where;
  std::string path = where / "s";

  struct connection {
    unique_fd client;
    unique_fd server;
  };
  connection connect(const unique_fd& listener) {
    auto client = connect_unix(path);
    BOOST_REQUIRE(client.has_value());
    BOOST_REQUIRE(wait_readable({listener.get()}, 10s));
    auto server = accept_stream(listener);
    BOOST_REQUIRE(static_cast<bool>(server));
    return {std::move(*client), std::move(server)};
  }
};

} // namespace unix_socket_tests

BOOST_FIXTURE_TEST_SUITE(unix_socket_tests, fixture)

BOOST_AUTO_TEST_CASE(only_its_owner_can_reach_it) {
  const auto listener = listen_unix(path);
  BOOST_REQUIRE(listener.has_value());
  struct stat st {};
  BOOST_REQUIRE(::stat(path.c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 0777) == 0600u);
  BOOST_TEST(S_ISSOCK(st.st_mode));
}

BOOST_AUTO_TEST_CASE(what_one_end_writes_the_other_reads) {
  const auto listener = listen_unix(path);
  BOOST_TEST(!accept_stream(*listener)); // nobody yet
  const auto both = connect(*listener);
  BOOST_TEST(write_all(both.client, "GET /health\n\n", 10s));
  BOOST_TEST(read_until(both.server, "\n\n", 1000, 10s) == "GET /health\n\n");
  auto large = std::string(3'000'000, 'x');
  auto writer = std::thread{[&] {
    write_all(both.server, large, 10s);
    ::shutdown(both.server.get(), SHUT_WR);
  }};
  BOOST_TEST((read_until(both.client, "", 10'000'000, 10s) == large));
  writer.join();
}

BOOST_AUTO_TEST_CASE(a_socket_somebody_listens_on_is_not_taken_away) {
  const auto first = listen_unix(path);
  const auto second = listen_unix(path);
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST((second.error().code == errc::unavailable));
  BOOST_TEST(connect_unix(path).has_value());
}

BOOST_AUTO_TEST_CASE(a_socket_left_by_a_dead_process_is_replaced) {
  {
    auto first = listen_unix(path);
    BOOST_REQUIRE(first.has_value());
  }
  BOOST_TEST((connect_unix(path).error().code == errc::unavailable));
  BOOST_TEST(listen_unix(path).has_value());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_socket_is_left_alone) {
  std::ofstream{path} << "precious";
  BOOST_TEST((listen_unix(path).error().code == errc::invalid_argument));
  auto text = std::string{};
  std::ifstream{path} >> text;
  BOOST_TEST(text == "precious");
}

BOOST_AUTO_TEST_CASE(a_path_too_long_or_empty_is_refused_and_one_nobody_is_at_is_unavailable) {
  for (const auto& bad : {std::string{}, "/tmp/" + std::string(200, 'x')}) {
    BOOST_TEST((listen_unix(bad).error().code == errc::invalid_argument));
    BOOST_TEST((connect_unix(bad).error().code == errc::invalid_argument));
  }
  BOOST_TEST((connect_unix(where / "nothing").error().code == errc::unavailable));
  BOOST_TEST(!listen_unix(where / "no/such/directory").has_value());
}

BOOST_AUTO_TEST_CASE(a_listener_whose_queue_is_full_is_not_replaced) {
  const auto listener = listen_unix(where / "s");
  BOOST_REQUIRE(listener);
  auto waiting = std::vector<unique_fd>{};
  for (;;) {
    auto peer = connect_unix(where / "s");
    if (!peer) {
      BOOST_TEST((peer.error().code == errc::full));
      break;
    }
    waiting.push_back(std::move(*peer));
  }
  const auto second = listen_unix(where / "s");
  BOOST_REQUIRE(!second);
  BOOST_TEST((second.error().code == errc::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
