#include "actors/core/retry_schedule.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(retry_schedule_tests)

BOOST_AUTO_TEST_CASE(waits_double_up_to_the_longest) {
  auto x = retry_schedule{500ms, 3s};
  for (const auto want : {500ms, 1000ms, 2000ms, 3000ms, 3000ms})
    BOOST_TEST((x.next(0.0) == want));
  x.reset();
  BOOST_TEST((x.next(0.0) == 500ms));
}

BOOST_AUTO_TEST_CASE(chance_takes_up_to_a_quarter_off) {
  auto x = retry_schedule{1s, 1s};
  BOOST_TEST((x.next(0.5) == 875ms));
  BOOST_TEST((x.next(0.999999) > 749ms));
}

BOOST_AUTO_TEST_CASE(what_is_asked_for_counts_up_to_an_hour) {
  auto x = retry_schedule{500ms, 60s};
  BOOST_TEST((x.next_as_asked(7s) == 7s));
  BOOST_TEST((x.next_as_asked(0s) == 500ms)); // never spins
  BOOST_TEST((x.next_as_asked(48h) == 1h));
  BOOST_TEST((x.next(0.0) == 4s)); // and it was a try
}

BOOST_AUTO_TEST_CASE(the_largest_numbers_do_not_overflow) {
  auto x = retry_schedule{1ms, std::chrono::milliseconds::max()};
  for (auto i = 0; i < 100; ++i)
    BOOST_TEST((x.next(0.9) > 0ms));
}

BOOST_AUTO_TEST_SUITE_END()
