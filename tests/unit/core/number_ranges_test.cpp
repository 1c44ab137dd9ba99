#include "actors/core/number_ranges.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

using namespace actors;

BOOST_AUTO_TEST_SUITE(number_ranges_tests)

BOOST_AUTO_TEST_CASE(numbers_in_a_row_are_fresh_once) {
  auto all = number_ranges{};
  BOOST_TEST((all.take({1, 5}).fresh == std::vector<number_range>{{1, 5}}));
  BOOST_TEST(all.take({1, 5}).fresh.empty());
  BOOST_TEST((all.take({4, 9}).fresh == std::vector<number_range>{{6, 9}}));
  BOOST_TEST(all.missing_text() == "");
}

BOOST_AUTO_TEST_CASE(what_was_passed_over_is_fresh_when_it_comes_late) {
  auto all = number_ranges{};
  BOOST_TEST(all.take({5, 7}).passed_over == 4u);
  BOOST_TEST(all.take({10, 10}).passed_over == 2u);
  BOOST_TEST(all.missing_text() == "1-4,8-9");
  const auto late = all.take({3, 8});
  BOOST_TEST((late.fresh == std::vector<number_range>{{3, 4}, {8, 8}}));
  BOOST_TEST(late.late == 3u);
  BOOST_TEST(all.missing_text() == "1-2,9");
}

BOOST_AUTO_TEST_CASE(of_many_gaps_the_lowest_are_given_up) {
  auto all = number_ranges{};
  for (std::uint64_t i = 1; i <= number_ranges::missing_max + 10; ++i)
    all.take({2 * i, 2 * i});
  BOOST_TEST(all.missing().size() == number_ranges::missing_max);
  BOOST_TEST(all.take({1, 1}).fresh.empty());
  BOOST_TEST(all.take({21, 21}).fresh.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_text_comes_back_and_nothing_else_does) {
  auto all = number_ranges{};
  all.take({5, 7});
  all.take({10, 10});
  const auto again = number_ranges::read(all.last(), all.missing_text());
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST((again->missing() == all.missing()));
  BOOST_TEST(number_ranges::read(7, "").has_value());
  for (const auto* wrong : {"x", "1-", "-1", "1,", ",1", "2-1", "5,3", "0", "8", "1-9", "1 2"})
    BOOST_TEST(!number_ranges::read(7, wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(it_does_what_a_set_does) {
  auto random = std::mt19937{7};
  for (auto round = 0; round < 200; ++round) {
    auto all = number_ranges{};
    auto model = std::set<std::uint64_t>{};
    for (auto turn = 0; turn < 60; ++turn) {
      const auto first = 1 + random() % 200;
      const auto last = first + random() % 12;
      auto fresh = std::set<std::uint64_t>{};
      for (const auto& [begin, end] : all.take({first, last}).fresh)
        for (auto x = begin; x <= end; ++x)
          BOOST_REQUIRE(fresh.insert(x).second);
      auto expected = std::set<std::uint64_t>{};
      for (auto x = first; x <= last; ++x)
        if (model.insert(x).second)
          expected.insert(x);
      BOOST_REQUIRE((fresh == expected));
      all = *number_ranges::read(all.last(), all.missing_text());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
