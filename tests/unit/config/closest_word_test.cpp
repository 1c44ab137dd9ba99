#include "actors/config/closest_word.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace actors;

namespace closest_word_tests {

std::string meant(std::string_view written) {
  const auto found = closest_word(written, {"to", "keep", "ignore", "include", "hold_max_ms"});
  return std::string{found.value_or("-")};
}

} // namespace closest_word_tests

BOOST_AUTO_TEST_SUITE(closest_word_tests)

BOOST_AUTO_TEST_CASE(a_slip_or_two_are_seen_through) {
  BOOST_TEST(meant("ignor") == "ignore");
  BOOST_TEST(meant("inglore") == "ignore");
  BOOST_TEST(meant("kepe") == "keep");
  BOOST_TEST(meant("hold_max") == "hold_max_ms");
}

BOOST_AUTO_TEST_CASE(another_word_is_no_slip) {
  BOOST_TEST(meant("colour") == "-");
  BOOST_TEST(meant("") == "-");
  BOOST_TEST(meant(std::string(10'000, 'x')) == "-");
}

BOOST_AUTO_TEST_SUITE_END()
