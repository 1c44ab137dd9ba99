#include "actors/watch/image_schedule.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(image_schedule_tests)

BOOST_AUTO_TEST_CASE(nothing_is_due_while_nothing_is_told) {
  const auto schedule = image_schedule{};
  BOOST_TEST(!schedule.due());
  BOOST_TEST(!schedule.is_due(time_point{1h}));
}

BOOST_AUTO_TEST_CASE(an_image_is_due_two_seconds_after_the_first_news) {
  auto schedule = image_schedule{};
  schedule.note_news(time_point{1h});
  schedule.note_news(time_point{1h + 1s});
  BOOST_TEST(!schedule.is_due(time_point{1h + 1999ms}));
  BOOST_TEST(schedule.is_due(time_point{1h + 2s}));
  schedule.begin();
  BOOST_TEST(!schedule.due());
}

BOOST_AUTO_TEST_CASE(the_work_takes_a_twentieth_of_the_time) {
  auto schedule = image_schedule{};
  schedule.note_news(time_point{1h});
  schedule.begin();
  schedule.worked(time_point{1h}, 500ms);
  schedule.worked(time_point{1h + 1s}, 1ms); // the second half of it
  schedule.note_news(time_point{1h + 1s});
  BOOST_TEST(!schedule.is_due(time_point{1h + 9999ms}));
  BOOST_TEST(schedule.is_due(time_point{1h + 10s}));
}

BOOST_AUTO_TEST_SUITE_END()
