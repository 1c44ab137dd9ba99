#include "actors/admin/door_access.hpp"

#include "actors/admin/door_address.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;

namespace door_access_test {

const auto open_port = door_access::of_port(door_access::scheme::http, "");
const auto token_port = door_access::of_port(door_access::scheme::https, "sesame-sesame-sesame");

} // namespace door_access_test

BOOST_AUTO_TEST_SUITE(door_access_test)

BOOST_AUTO_TEST_CASE(the_owner_of_a_socket_needs_no_header) {
  BOOST_TEST(door_access::of_owner().judge({"POST", "", "http://evil.example", ""}) == 200);
}

BOOST_AUTO_TEST_CASE(without_a_token_the_host_must_be_this_machine) {
  for (const auto* host :
    {"127.0.0.1:9470", "localhost:9470", "[::1]:9470", "127.8.9.1", "localhost"})
    BOOST_TEST(open_port.judge({"GET", host, "", ""}) == 200, host);
  for (const auto* host : {"", "evil.example:9470", "localhost.evil.example", "10.0.0.1:9470",
         "127.0.0.1.evil.example", "[::2]:9470", "0.0.0.0:9470", "localhost@evil.example"})
    BOOST_TEST(open_port.judge({"GET", host, "", ""}) == 403, host);
}

BOOST_AUTO_TEST_CASE(a_page_of_another_origin_cannot_change_anything) {
  const auto* host = "127.0.0.1:9470";
  BOOST_TEST(open_port.judge({"POST", host, "", ""}) == 200); // curl names no origin
  BOOST_TEST(open_port.judge({"POST", host, "http://127.0.0.1:9470", ""}) == 200);
  for (const auto* origin : {"http://evil.example", "null", "http://127.0.0.1:80",
         "https://127.0.0.1:9470", "http://localhost:9470"})
    BOOST_TEST(open_port.judge({"POST", host, origin, ""}) == 403, origin);
}

BOOST_AUTO_TEST_CASE(a_token_is_asked_for_in_two_ways) {
  const auto* host = "node.example:9470";
  BOOST_TEST(token_port.judge({"GET", host, "", ""}) == 401);
  BOOST_TEST(token_port.judge({"GET", host, "", "Bearer sesame-sesame-sesamf"}) == 401);
  BOOST_TEST(token_port.judge({"GET", host, "", "Bearer sesame"}) == 401);
  BOOST_TEST(token_port.judge({"GET", host, "", "Bearer "}) == 401);
  BOOST_TEST(token_port.judge({"GET", host, "", "Bearer sesame-sesame-sesame"}) == 200);
  BOOST_TEST( // actors:sesame-sesame-sesame
    token_port.judge({"GET", host, "", "Basic YWN0b3JzOnNlc2FtZS1zZXNhbWUtc2VzYW1l"}) == 200);
}

BOOST_AUTO_TEST_CASE(browsers_send_a_password_by_themselves_so_the_origin_counts_with_a_token_too) {
  const auto* host = "node.example:9470";
  const auto* right = "Basic YWN0b3JzOnNlc2FtZS1zZXNhbWUtc2VzYW1l";
  BOOST_TEST(token_port.judge({"POST", host, "https://evil.example", right}) == 403);
  BOOST_TEST(token_port.judge({"POST", host, "https://node.example:9470", right}) == 200);
}

BOOST_AUTO_TEST_CASE(addresses_are_numbers) {
  BOOST_TEST(door_address::parse("127.0.0.1:9470")->text() == "127.0.0.1:9470");
  BOOST_TEST(door_address::parse("[::1]:0")->text() == "[::1]:0");
  BOOST_TEST(door_address::parse("localhost:1")->text() == "127.0.0.1:1");
  BOOST_TEST(door_address::parse("127.9.9.9:1")->is_loopback());
  BOOST_TEST(!door_address::parse("0.0.0.0:1")->is_loopback());
  BOOST_TEST(!door_address::parse("[::]:1")->is_loopback());
  for (const auto* text : {"", "9470", ":9470", "::1:9470", "host:9470",
         "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x", "[::1]", "127.1:80"})
    BOOST_TEST(!door_address::parse(text), text);
}

BOOST_AUTO_TEST_SUITE_END()
