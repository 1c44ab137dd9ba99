#include "actors/core/stream_position.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using placement = stream_position::placement;

BOOST_AUTO_TEST_SUITE(stream_position_tests)

BOOST_AUTO_TEST_CASE(a_new_stream_knows_nothing) {
  constexpr auto position = stream_position{};
  static_assert(position.place(1, 5) == placement{});
  BOOST_TEST(position.upto() == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_at_or_below_the_mark_is_known) {
  constexpr auto position = stream_position{10};
  static_assert(position.place(11, 5) == placement{});
  static_assert(position.place(10, 5) == placement{.known = 1});
  static_assert(position.place(8, 5) == placement{.known = 3});
  static_assert(position.place(6, 5) == placement{.known = 5});
  static_assert(position.place(1, 5) == placement{.known = 5});
  static_assert(position.place(7, 0) == placement{});
}

BOOST_AUTO_TEST_CASE(a_gap_is_counted) {
  constexpr auto position = stream_position{10};
  static_assert(position.place(12, 1) == placement{.missing = 1});
  static_assert(position.place(111, 1) == placement{.missing = 100});
  static_assert(position.place(111, 0) == placement{}, "no records, no gap");
}

BOOST_AUTO_TEST_CASE(the_mark_never_goes_back) {
  auto position = stream_position{};
  position.advance(3, 4);
  BOOST_TEST(position.upto() == 6U);
  position.advance(1, 2);
  BOOST_TEST(position.upto() == 6U);
  position.advance(9, 0);
  BOOST_TEST(position.upto() == 6U);
}

BOOST_AUTO_TEST_CASE(numbers_that_no_store_could_hold_are_not_possible) {
  constexpr auto last = std::uint64_t{INT64_MAX};
  static_assert(!stream_position::is_possible(0, 1), "not numbered");
  static_assert(stream_position::is_possible(1, 1));
  static_assert(stream_position::is_possible(last, 1));
  static_assert(!stream_position::is_possible(last, 2));
  static_assert(!stream_position::is_possible(last + 1, 0));
  static_assert(!stream_position::is_possible(UINT64_MAX, SIZE_MAX));
  BOOST_TEST(stream_position{last}.place(last, 1).known == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
