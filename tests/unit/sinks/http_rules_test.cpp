#include "actors/sinks/http_address.hpp"
#include "actors/sinks/http_verdict.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(http_rules_tests)

BOOST_AUTO_TEST_CASE(every_status_has_a_verdict) {
  for (const auto status : {200, 201, 202, 204, 299})
    BOOST_TEST((verdict_of(status) == http_verdict::delivered));
  for (const auto status : {408, 425, 429, 500, 502, 503, 504, 599})
    BOOST_TEST((verdict_of(status) == http_verdict::retry));
  for (const auto status : {301, 302, 307, 308, 401, 403, 404, 405, 407, 410}) // the door
    BOOST_TEST((verdict_of(status) == http_verdict::retry));
  for (const auto status : {400, 406, 409, 411, 412, 414, 415, 422, 451, 499})
    BOOST_TEST((verdict_of(status) == http_verdict::refused));
  BOOST_TEST((verdict_of(413) == http_verdict::too_large));
  for (auto status = -10; status < 2000; ++status)
    (void)verdict_of(status);
}

BOOST_AUTO_TEST_CASE(retry_after_is_seconds_or_a_date) {
  const auto now = wall_time{784'111'770s}; // Sun, 06 Nov 1994 08:49:30 GMT
  BOOST_TEST((parse_retry_after("120", now) == 120s));
  BOOST_TEST((parse_retry_after(" 0 ", now) == 0s));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == 7s));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:49:07 GMT", now) == 0s));
  BOOST_TEST((parse_retry_after("99999999999", now) > 24h));
  for (const auto* text : {"", "soon", "-5", "1.5", "12 apples", "99999999999999999999999",
         "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
         "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT"})
    BOOST_TEST(!parse_retry_after(text, now));
}

BOOST_AUTO_TEST_CASE(a_url_is_taken_apart) {
  const auto plain = parse_http_url("http://host.example/in?key=1");
  BOOST_REQUIRE(plain.has_value());
  BOOST_TEST(plain->host == "host.example");
  BOOST_TEST(plain->port == 80);
  BOOST_TEST(plain->target == "/in?key=1");
  BOOST_TEST(plain->shown() == "http://host.example/in"); // a key may be a secret
  const auto secure = parse_http_url("https://[::1]:8443");
  BOOST_REQUIRE(secure.has_value());
  BOOST_TEST(secure->is_secure);
  BOOST_TEST(secure->host == "::1");
  BOOST_TEST(secure->port == 8443);
  BOOST_TEST(secure->target == "/");
  BOOST_TEST(secure->shown() == "https://[::1]:8443/");
}

BOOST_AUTO_TEST_CASE(a_bad_url_is_refused_and_secrets_in_it_are_not_repeated) {
  for (const auto* url : {"", "host", "ftp://host/", "http://", "http:///path", "http://ho st/",
         "http://host:0/", "http://host:65536/", "http://host:x/", "http://host:/", "http://[::1/",
         "http://host/#part", "http://h\xc3\xb6st/", "http://host/\r\nX: y", "http://a,b/"})
    BOOST_TEST(!parse_http_url(url).has_value());
  const auto secret = parse_http_url("https://ada:s3cret@host/");
  BOOST_REQUIRE(!secret.has_value());
  BOOST_TEST(secret.error().text.find("s3cret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_header_is_name_and_value) {
  const auto header = parse_header("X-Key:  a b ");
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->first == "X-Key");
  BOOST_TEST(header->second == "a b");
  for (const auto* line : {"", "X", ": v", "X Y: v", "X: a\r\nY: b", "content-type: text/plain",
         "Idempotency-Key: 1", "Transfer-Encoding: chunked"})
    BOOST_TEST(!parse_header(line).has_value());
}

BOOST_AUTO_TEST_CASE(options_are_checked) {
  auto good = http_sink_options{.url = "http://localhost/"};
  BOOST_TEST(check(good).has_value());
  auto bad = good;
  bad.retry_base = 0ms;
  BOOST_TEST(!check(bad).has_value());
  bad = good;
  bad.ca_file = "/none";
  BOOST_TEST((check(bad).error().code == errc::not_found));
  bad = good;
  bad.token_file = "/t";
  bad.headers = {"authorization: Basic x"};
  BOOST_TEST(!check(bad).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
