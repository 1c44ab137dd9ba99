#include "actors/core/arrival_order.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using verdict = arrival_order::verdict;

BOOST_AUTO_TEST_SUITE(arrival_order_tests)

BOOST_AUTO_TEST_CASE(numbers_come_one_after_the_other_from_one) {
  auto order = arrival_order{};
  BOOST_TEST((order.take(1) == verdict::next));
  BOOST_TEST((order.take(2) == verdict::next));
  BOOST_TEST(order.come() == 2U);
}

BOOST_AUTO_TEST_CASE(what_came_before_is_told_apart_from_what_is_missing) {
  auto order = arrival_order{};
  BOOST_TEST((order.take(2) == verdict::gap));
  BOOST_TEST((order.take(1) == verdict::next));
  BOOST_TEST((order.take(1) == verdict::repeated));
  BOOST_TEST((order.take(3) == verdict::gap));
  BOOST_TEST((order.take(0) == verdict::gap), "no number that could be");
  BOOST_TEST((order.take(UINT64_MAX) == verdict::gap));
  BOOST_TEST(order.come() == 1U);
}

BOOST_AUTO_TEST_CASE(only_what_is_committed_is_acknowledged) {
  auto order = arrival_order{};
  for (auto number : {1U, 2U, 3U})
    order.take(number);
  BOOST_TEST(order.upto() == 0U);
  BOOST_TEST(order.waiting() == 3U);
  order.commit(2);
  BOOST_TEST(order.upto() == 2U);
  BOOST_TEST(order.waiting() == 1U);
  order.commit(1);
  BOOST_TEST(order.upto() == 2U, "never back");
}

BOOST_AUTO_TEST_SUITE_END()
