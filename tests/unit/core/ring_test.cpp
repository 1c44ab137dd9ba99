#include "actors/core/ring.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>
#include <random>
#include <vector>

using namespace actors;
using boost::test_tools::per_element;

namespace ring_tests {

std::vector<int> contents_of(const ring<int>& x) {
  auto all = std::vector<int>{};
  for (std::size_t i = 0; i < x.size(); ++i)
    all.push_back(x[i]);
  return all;
}

/// 1 to `count`.
ring<int> filled(int count) {
  auto x = ring<int>{};
  for (int i = 1; i <= count; ++i)
    x.push_back(i);
  return x;
}

} // namespace ring_tests

BOOST_AUTO_TEST_SUITE(ring_tests)

BOOST_AUTO_TEST_CASE(a_new_ring_is_empty_and_holds_no_memory) {
  const auto x = ring<int>{};
  BOOST_TEST(x.empty());
  BOOST_TEST(x.size() == 0u);
  BOOST_TEST(x.capacity() == 0u);
}

BOOST_AUTO_TEST_CASE(what_was_pushed_first_is_in_front) {
  auto x = filled(3);
  BOOST_TEST(x.front() == 1);
  x.pop_front();
  BOOST_TEST(x.front() == 2);
  BOOST_TEST(x.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_order_survives_a_wrap_around_and_the_growth_after_it) {
  auto x = filled(4);
  x.pop_front();
  x.pop_front();
  for (int i = 5; i <= 9; ++i) // wraps, then grows
    x.push_back(i);
  BOOST_TEST(contents_of(x) == (std::vector<int>{3, 4, 5, 6, 7, 8, 9}), per_element());
}

BOOST_AUTO_TEST_CASE(a_ring_that_is_never_full_does_not_grow) {
  auto x = filled(3);
  const auto before = x.capacity();
  for (int i = 0; i < 1'000; ++i) {
    x.push_back(i);
    x.pop_front();
  }
  BOOST_TEST(x.capacity() == before);
}

BOOST_AUTO_TEST_CASE(an_item_may_be_erased_at_the_front_in_the_middle_and_at_the_end) {
  auto x = filled(5);
  x.erase(4);
  x.erase(0);
  x.erase(1);
  BOOST_TEST(contents_of(x) == (std::vector<int>{2, 4}), per_element());
}

BOOST_AUTO_TEST_CASE(an_item_that_leaves_is_let_go_of_at_once) {
  auto x = ring<std::shared_ptr<int>>{};
  auto kept = std::vector<std::weak_ptr<int>>{};
  for (int i = 0; i < 6; ++i) {
    auto item = std::make_shared<int>(i);
    kept.push_back(item);
    x.push_back(std::move(item));
  }
  x.pop_front();
  BOOST_TEST(kept[0].expired());
  x.erase(2);
  BOOST_TEST(kept[3].expired());
  BOOST_TEST(!kept[1].expired());
  x.clear();
  for (const auto& item : kept)
    BOOST_TEST(item.expired());
}

BOOST_AUTO_TEST_CASE(a_clear_gives_the_memory_back) {
  auto x = filled(100);
  x.clear();
  BOOST_TEST(x.empty());
  BOOST_TEST(x.capacity() == 0u);
  x.push_back(1);
  BOOST_TEST(x.front() == 1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_copied_can_be_held) {
  auto x = ring<std::unique_ptr<int>>{};
  for (int i = 0; i < 10; ++i)
    x.push_back(std::make_unique<int>(i));
  x.erase(3);
  BOOST_TEST(*x[3] == 4);
}

BOOST_DATA_TEST_CASE(
  random_traffic_does_what_a_deque_does, boost::unit_test::data::xrange(20), seed) {
  auto random = std::mt19937{static_cast<unsigned>(seed)};
  auto pick = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>{0, below - 1}(random);
  };
  auto x = ring<std::shared_ptr<int>>{};
  auto expected = std::deque<std::shared_ptr<int>>{};
  for (int i = 0; i < 2'000; ++i) {
    const auto what = pick(100);
    if (what < 50) {
      expected.push_back(std::make_shared<int>(i));
      x.push_back(expected.back());
    } else if (what == 99) {
      x.clear();
      expected.clear();
    } else if (expected.empty()) {
      continue;
    } else if (what < 90) {
      x.pop_front();
      expected.pop_front();
    } else {
      const auto index = pick(expected.size());
      x.erase(index);
      expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(index));
    }
    BOOST_REQUIRE_EQUAL(x.size(), expected.size());
    BOOST_REQUIRE_EQUAL(x.empty(), expected.empty());
    for (std::size_t k = 0; k < expected.size(); ++k) {
      BOOST_REQUIRE(x[k] == expected[k]);
      BOOST_REQUIRE_EQUAL(expected[k].use_count(), 2); // nothing is kept that is not in it
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
