#include "actors/os/stream_address.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;

BOOST_AUTO_TEST_SUITE(stream_address_tests)

BOOST_AUTO_TEST_CASE(what_is_local_is_known) {
  for (const auto* text :
    {"unix:/run/x", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"})
    BOOST_TEST(stream_address::parse(text)->is_local(), text);
  for (const auto* text :
    {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[fe80::1]:1", "128.0.0.1:1", "[::ffff:10.0.0.1]:1"})
    BOOST_TEST(!stream_address::parse(text)->is_local(), text);
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_refused) {
  for (const auto* text :
    {"", ":", "unix:", "localhost:1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
      "127.0.0.1:1x", "::1:1", "[::1]", "[]:1", "[::1:1", "1.2.3.4.5:1", "/run/x", "127.1:80"})
    BOOST_TEST(!stream_address::parse(text), text);
}

BOOST_AUTO_TEST_CASE(an_address_is_had_once) {
  const auto any = stream_address::parse("127.0.0.1:0");
  const auto listener = any->listen();
  BOOST_REQUIRE(listener);
  const auto same = stream_address::parse("127.0.0.1:" + std::to_string(port_of(*listener)));
  const auto second = same->listen();
  BOOST_REQUIRE(!second);
  BOOST_TEST((second.error().code == errc::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
