#include "actors/watch/rescan_schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace actors;
using namespace std::chrono_literals;

namespace rescan_schedule_tests {

struct fixture {
  rescan_schedule schedule;
  time_point now{1h};

  /// Asks, waits as long as it must, begins. Returns the wait.
  std::chrono::milliseconds rescan() {
    schedule.ask(now);
    const auto wait = *schedule.due() - now;
    now = *schedule.due();
    BOOST_REQUIRE(schedule.begin(now));
    return std::chrono::duration_cast<std::chrono::milliseconds>(wait);
  }
};

} // namespace rescan_schedule_tests

BOOST_FIXTURE_TEST_SUITE(rescan_schedule_tests, fixture)

BOOST_AUTO_TEST_CASE(nothing_is_due_until_it_is_asked_for) {
  BOOST_TEST(!schedule.is_asked());
  BOOST_TEST(!schedule.due().has_value());
  BOOST_TEST(!schedule.begin(now + 1h));
}

BOOST_AUTO_TEST_CASE(the_first_is_done_at_once_and_once) {
  schedule.ask(now);
  schedule.ask(now);
  BOOST_TEST(schedule.is_asked());
  BOOST_TEST(schedule.begin(now));
  BOOST_TEST(!schedule.is_asked());
  BOOST_TEST(!schedule.begin(now));
}

BOOST_AUTO_TEST_CASE(asked_for_again_and_again_the_waits_double_up_to_half_a_minute) {
  BOOST_TEST(rescan().count() == 0);
  auto expected = 100ms;
  for (auto i = 0; i < 6; ++i) {
    BOOST_TEST(rescan().count() == expected.count());
    expected *= 2;
  }
}

BOOST_AUTO_TEST_CASE(asking_once_more_moves_nothing) {
  rescan();
  schedule.ask(now);
  const auto due = *schedule.due();
  schedule.ask(now + 50ms);
  BOOST_TEST((*schedule.due() == due));
  BOOST_TEST(!schedule.begin(due - 1ms));
  BOOST_TEST(schedule.begin(due));
}

BOOST_AUTO_TEST_CASE(after_a_calm_time_it_is_done_at_once_again) {
  for (auto i = 0; i < 5; ++i)
    rescan();
  now += rescan_schedule::calm;
  BOOST_TEST(rescan().count() == 0);
  BOOST_TEST(rescan().count() == 100);
}

BOOST_AUTO_TEST_CASE(a_storm_does_not_make_it_the_only_thing_done) {
  auto rescans = 0;
  const auto end = now + 10min;
  for (; now < end; now += 1ms) { // asked for every millisecond
    schedule.ask(now);
    rescans += schedule.begin(now);
  }
  BOOST_TEST(rescans < 40); // every half minute in the end
  BOOST_TEST(rescans > 20);
}

BOOST_AUTO_TEST_SUITE_END()
