#include "actors/core/earliest.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(earliest_tests)

BOOST_AUTO_TEST_CASE(nothing_is_the_first_of_nothing) {
  auto due = earliest{};
  BOOST_TEST(!due.first());
  due.consider(std::nullopt);
  BOOST_TEST(!due.first());
}

BOOST_AUTO_TEST_CASE(the_first_is_found_whatever_the_order) {
  const auto now = time_point{} + 1h;
  auto due = earliest{};
  for (const auto& when : {std::optional{now + 2s}, std::optional<time_point>{},
         std::optional{now + 1s}, std::optional{now + 3s}})
    due.consider(when);
  BOOST_TEST((due.first() == now + 1s));
}

BOOST_AUTO_TEST_CASE(what_is_left_is_rounded_up_and_never_negative) {
  const auto now = time_point{} + 1h;
  BOOST_TEST((left_until(now + 1ns, now) == 1ms));
  BOOST_TEST((left_until(now + 2ms, now) == 2ms));
  BOOST_TEST((left_until(now, now) == 0ms));
  BOOST_TEST((left_until(now - 1h, now) == 0ms));
  BOOST_TEST((left_until(std::optional{now + 5ms}, now) == std::optional{5ms}));
}

BOOST_AUTO_TEST_CASE(for_ever_is_left_when_nothing_is_due) {
  BOOST_TEST(!left_until(std::optional<time_point>{}, time_point{}));
}

BOOST_AUTO_TEST_SUITE_END()
