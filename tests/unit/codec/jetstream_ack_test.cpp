#include "actors/codec/jetstream_ack.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace actors;

BOOST_AUTO_TEST_SUITE(jetstream_ack_tests)

BOOST_AUTO_TEST_CASE(an_acknowledgement_is_one) {
  const auto ack = read_jetstream_ack(R"({"stream":"actors","seq":7})");
  BOOST_TEST(ack.is_stored);
  BOOST_TEST(!ack.is_duplicate);
  BOOST_TEST(ack.trouble == "");
  BOOST_TEST(read_jetstream_ack(R"({"stream":"a","seq":7,"duplicate":true})").is_duplicate);
}

BOOST_AUTO_TEST_CASE(an_error_says_what_it_is) {
  const auto ack = read_jetstream_ack(
    R"({"error":{"code":400,"err_code":10054,"description":"message size exceeds maximum"},"stream":"a","seq":0})");
  BOOST_TEST(!ack.is_stored);
  BOOST_TEST(ack.error_code == 10054u);
  BOOST_TEST(ack.trouble == "message size exceeds maximum");
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_no_acknowledgement) {
  for (const auto* text : {"", "{", "[]", "null", "{}", R"({"seq":1})", R"({"stream":"a","seq":0})",
         R"({"stream":1,"seq":1})", R"({"stream":"a","seq":-1})", R"({"error":"x"})"}) {
    const auto ack = read_jetstream_ack(text);
    BOOST_TEST(!ack.is_stored);
    BOOST_TEST(ack.trouble != "");
  }
  BOOST_TEST(!read_jetstream_ack(std::string(100'000, '[')).is_stored);
}

BOOST_AUTO_TEST_SUITE_END()
