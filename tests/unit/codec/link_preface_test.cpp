#include "actors/codec/link_preface.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace actors;
using namespace std::string_literals;

namespace link_preface_tests {

std::string trouble_of(const std::string& bytes, protocol_range ours = {}) {
  const auto read = read_preface(bytes, ours);
  return read ? "none" : read.error().text;
}

} // namespace link_preface_tests

BOOST_AUTO_TEST_SUITE(link_preface_tests)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  for (const auto range : {protocol_range{}, protocol_range{.min = 1, .max = 65'535},
         protocol_range{.min = 258, .max = 772}}) {
    const auto bytes = write_preface(range);
    BOOST_TEST(bytes.size() == preface_size);
    const auto back = read_preface(bytes, range);
    BOOST_REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().text));
    BOOST_TEST((*back == range));
  }
}

BOOST_AUTO_TEST_CASE(its_bytes_stay_what_they_are) {
  BOOST_TEST(write_preface({.min = 1, .max = 2}) == "ACTORS\r\n\1\0\2\0\0\0\0\0"s);
}

BOOST_AUTO_TEST_CASE(it_says_what_speaks_instead) {
  BOOST_TEST(
    trouble_of("GET / HTTP/1.1\r\n") == "the other end is no link of actors: it speaks HTTP");
  BOOST_TEST(
    trouble_of("HTTP/1.1 400 Bad") == "the other end is no link of actors: it speaks HTTP");
  BOOST_TEST(trouble_of("\x16\x03\x01\x02\0\1\0\1\xfc\x03\x03____"s)
             == "the other end is no link of actors: it speaks TLS; is one end set to plain text "
                "and the other not?");
  BOOST_TEST(trouble_of("\x15\x03\x03\0\2\2\x46"s).find("TLS") != std::string::npos);
  BOOST_TEST(
    trouble_of("SSH-2.0-OpenSSH_9.2p1") == "the other end is no link of actors: it speaks SSH");
  BOOST_TEST(trouble_of("hello, is it you?")
             == "the other end is no link of actors: it speaks something else");
  BOOST_TEST(trouble_of("ACTORS\n\n\1\0\1\0\0\0\0\0"s).find("something else") != std::string::npos,
    "line ends were translated");
}

BOOST_AUTO_TEST_CASE(less_than_all_of_it_is_an_error_too) {
  BOOST_TEST(trouble_of("") == "the other end is silent");
  BOOST_TEST(trouble_of("GE").find("something else") != std::string::npos);
  const auto whole = write_preface();
  for (std::size_t size = 1; size < whole.size(); ++size)
    BOOST_TEST(trouble_of(whole.substr(0, size))
               == "the other end stopped after " + std::to_string(size) + " of the first 16 bytes");
}

BOOST_AUTO_TEST_CASE(a_protocol_that_is_not_ours_is_refused_by_name) {
  BOOST_TEST(trouble_of(write_preface({.min = 3, .max = 4}), {.min = 1, .max = 1})
             == "the other end speaks protocol 3 to 4, this program 1: update this one");
  BOOST_TEST(trouble_of(write_preface({.min = 1, .max = 1}), {.min = 2, .max = 3})
             == "the other end speaks protocol 1, this program 2 to 3: update the other end");
  BOOST_TEST(trouble_of(write_preface({.min = 1, .max = 2}), {.min = 2, .max = 3}) == "none");
}

BOOST_AUTO_TEST_CASE(ranges_that_cannot_be_are_refused) {
  for (const auto range : {protocol_range{.min = 0, .max = 1}, protocol_range{.min = 2, .max = 1}})
    BOOST_TEST(trouble_of(write_preface(range)) == "the other end says no protocol that could be");
  BOOST_TEST(
    trouble_of("ACTORS\r\n\1\0\1\0\0\0\1\0"s) == "the other end says no protocol that could be");
}

BOOST_AUTO_TEST_CASE(the_newest_that_both_speak_is_spoken) {
  BOOST_TEST(*common_protocol({.min = 1, .max = 4}, {.min = 2, .max = 3}) == 3);
  BOOST_TEST(*common_protocol({.min = 1, .max = 2}, {.min = 2, .max = 3}) == 2);
  BOOST_TEST(!common_protocol({.min = 1, .max = 1}, {.min = 2, .max = 3}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
