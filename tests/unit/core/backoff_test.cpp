#include "actors/core/backoff.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace actors;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(backoff_tests)

BOOST_AUTO_TEST_CASE(the_defaults_wait_1_2_4_8_16_seconds) {
  for (std::uint32_t attempt = 1; attempt <= 5; ++attempt)
    BOOST_TEST((delay({}, attempt) == 1s * (1 << (attempt - 1))));
  BOOST_TEST((total_time({}) == 31s));
}

BOOST_AUTO_TEST_CASE(the_table_of_the_specification_holds) {
  auto rules = [](auto base, auto cap) {
    auto x = backoff_rules{};
    x.base = base;
    x.cap = cap;
    return x;
  };
  BOOST_TEST((delay(rules(0ms, 0ms), 1) == 1ms)); // never zero: a loop of crashes must not spin
  BOOST_TEST((delay(rules(5min, 7min), 1) == 5min));
  BOOST_TEST((delay(rules(5s, 7s), 3) == 7s));
  BOOST_TEST((delay(rules(5s, 24h * 7), 3) == 20s));
  BOOST_TEST((delay(rules(5min, 10min), 30) == 10min));
  const auto last = std::numeric_limits<std::uint32_t>::max();
  BOOST_TEST((delay(rules(24h * 10'000, 24h * 10'000), last) == 24h * 10'000));
  BOOST_TEST((delay(rules(0ms, 1s), last) == 1ms));
}

// Counting them one by one would take minutes.
BOOST_AUTO_TEST_CASE(the_sum_of_billions_of_equal_waits_is_known_at_once) {
  auto rules = backoff_rules{};
  rules.attempts_max = std::numeric_limits<std::uint32_t>::max();
  rules.multiplier = 1.0;
  BOOST_TEST((total_time(rules) == rules.attempts_max * 1s));
  rules.multiplier = 2.0;
  rules.base = 0ms;
  BOOST_TEST((total_time(rules) == rules.attempts_max * 1ms));
}

BOOST_AUTO_TEST_CASE(jitter_spreads_the_wait_but_never_past_the_cap) {
  auto rules = backoff_rules{};
  rules.jitter = 0.2;
  BOOST_TEST((delay(rules, 1, 0.0) == 800ms));
  BOOST_TEST((delay(rules, 1, 0.5) == 1000ms));
  BOOST_TEST((delay(rules, 1, 0.999) <= 1200ms));
  BOOST_TEST((delay(rules, 5, 0.999) == 16s));
}

BOOST_AUTO_TEST_SUITE_END()
