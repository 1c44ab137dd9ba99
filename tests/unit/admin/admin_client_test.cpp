#include "actors/admin/admin_client.hpp"

#include "actors/admin/http_door.hpp"
#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <string>

using namespace actors;
using namespace actors::test;

namespace admin_client_tests {

bool takes_sigpipe() {
  auto blocked = sigset_t{};
  ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  return sigismember(&blocked, SIGPIPE) == 0;
}

} // namespace admin_client_tests

BOOST_AUTO_TEST_SUITE(admin_client_tests)

// cpp-httplib looks whether the peer is there, and then writes without MSG_NOSIGNAL: a door that
// hangs up between the two would end this process. That is too short to be met on purpose, so it is
// asked whether the signal is held.
BOOST_AUTO_TEST_CASE(a_door_that_hangs_up_raises_no_signal) {
  const auto place = temporary_directory{};
  const auto door = http_door::open_unix(place / "door.sock",
    [](const door_request&) {
      return door_answer{200, "text/plain", "hello"};
    },
    {});
  BOOST_REQUIRE(door);
  auto asked = admin_client::to({place / "door.sock", "", ""});
  BOOST_REQUIRE(asked);
  BOOST_TEST(takes_sigpipe());
  auto took_it_meanwhile = true;
  const auto reply = asked->follow("/", [&](std::string_view) {
    took_it_meanwhile = takes_sigpipe();
    return true;
  });
  BOOST_REQUIRE(reply);
  BOOST_TEST(!took_it_meanwhile);
  BOOST_TEST(takes_sigpipe());
}

BOOST_AUTO_TEST_CASE(its_token_is_read_as_doors_read_theirs) {
  const auto place = temporary_directory{};
  const auto file = place / "token";
  const auto with = [&](const std::string& content) {
    std::ofstream{file} << content;
    return admin_client::to({"http://127.0.0.1:1", file, ""});
  };
  BOOST_TEST(with("sesame-sesame-sesame\n").has_value());
  BOOST_TEST(with(" sesame-sesame-sesame \r\na second line\n").has_value());
  BOOST_TEST(with(std::string(6'000, 'x') + "\n").has_value());
  BOOST_TEST((with("two words\n").error().code == errc::invalid_argument));
  BOOST_TEST((with("\n").error().code == errc::invalid_argument));
}

BOOST_AUTO_TEST_SUITE_END()
