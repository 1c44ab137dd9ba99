#include "actors/core/restart_budget.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;

namespace restart_budget_tests {

/// Three restarts in ten seconds.
struct fixture {
  restart_budget budget{{3, 10s}};

  bool spend_at(std::chrono::milliseconds when) { return budget.spend(time_point{when}); }
};

} // namespace restart_budget_tests

BOOST_FIXTURE_TEST_SUITE(restart_budget_tests, fixture)

BOOST_AUTO_TEST_CASE(the_default_is_thirty_in_a_minute) {
  auto usual = restart_budget{};
  const auto now = time_point{1h};
  for (int i = 0; i < 30; ++i)
    BOOST_TEST(usual.spend(now));
  BOOST_TEST(!usual.spend(now + 59'999ms));
  BOOST_TEST(usual.spend(now + 60s));
}

BOOST_AUTO_TEST_CASE(so_many_restarts_are_granted_at_one_instant) {
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(spend_at(5s));
  BOOST_TEST(!spend_at(5s));
}

BOOST_AUTO_TEST_CASE(the_next_is_refused_until_the_oldest_is_a_window_ago) {
  for (auto when : {0s, 1s, 2s})
    BOOST_TEST(spend_at(when));
  BOOST_TEST(!spend_at(9'999ms));
  BOOST_TEST(spend_at(10s));
}

BOOST_AUTO_TEST_CASE(each_restart_that_leaves_the_window_makes_room_for_one) {
  for (auto when : {0s, 1s, 2s, 10s})
    BOOST_TEST(spend_at(when));
  BOOST_TEST(!spend_at(10'999ms));
  BOOST_TEST(spend_at(11s));
}

BOOST_AUTO_TEST_CASE(what_is_refused_is_not_counted) {
  for (auto when : {0s, 1s, 2s})
    BOOST_TEST(spend_at(when));
  for (auto when : {3s, 4s, 5s, 6s, 7s, 8s, 9s})
    BOOST_TEST(!spend_at(when));
  BOOST_TEST(spend_at(10s));
}

BOOST_AUTO_TEST_CASE(slow_restarts_are_granted_for_ever) {
  for (int i = 0; i < 1000; ++i)
    BOOST_TEST(spend_at(i * 4s));
}

BOOST_AUTO_TEST_CASE(a_budget_of_none_refuses_the_first) {
  auto none = restart_budget{{0, 10s}};
  BOOST_TEST(!none.spend(time_point{1h}));
}

BOOST_AUTO_TEST_CASE(a_window_of_nothing_refuses_nothing) {
  auto open = restart_budget{{1, 0s}};
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(open.spend(time_point{1h}));
}

BOOST_DATA_TEST_CASE_F(
  fixture, no_window_ever_holds_more_than_the_maximum, boost::unit_test::data::xrange(50)) {
  auto random = std::mt19937{static_cast<unsigned>(sample)};
  auto granted = std::vector<std::chrono::milliseconds>{};
  auto now = 0ms;
  for (int i = 0; i < 300; ++i) {
    now += std::chrono::milliseconds{random() % 5'000};
    auto within = 0;
    for (auto when : granted)
      within += now - when < 10s ? 1 : 0;
    const auto expected = within < 3;
    BOOST_REQUIRE_EQUAL(spend_at(now), expected);
    if (expected)
      granted.push_back(now);
  }
}

BOOST_AUTO_TEST_SUITE_END()
