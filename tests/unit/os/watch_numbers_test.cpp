#include "actors/os/watch_numbers.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>

using namespace actors;

namespace watch_numbers_tests {

std::uint64_t at(const watch_numbers& numbers, int number) {
  return numbers.directory_of(number).value;
}

} // namespace watch_numbers_tests

BOOST_AUTO_TEST_SUITE(watch_numbers_tests)

BOOST_AUTO_TEST_CASE(nobody_is_known_at_first) {
  const auto numbers = watch_numbers{};
  BOOST_TEST(at(numbers, 1) == 0u);
  BOOST_TEST(at(numbers, -1) == 0u); // of an overflow
  BOOST_TEST(numbers.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_number_that_is_given_again_means_the_latest) {
  auto numbers = watch_numbers{};
  numbers.set(1, {10});
  BOOST_TEST(at(numbers, 1) == 10u); // and is the one found last
  numbers.set(1, {11});
  BOOST_TEST(at(numbers, 1) == 11u);
  BOOST_TEST(numbers.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_erased_number_is_nobodys_until_it_is_set_again) {
  auto numbers = watch_numbers{};
  for (auto i = 1; i <= 10; ++i)
    numbers.set(i, {static_cast<std::uint64_t>(i)});
  BOOST_TEST(at(numbers, 3) == 3u);
  numbers.erase(3);
  numbers.erase(3);
  numbers.erase(99);
  BOOST_TEST(at(numbers, 3) == 0u);
  BOOST_TEST(numbers.size() == 9u);
  numbers.set(3, {33});
  BOOST_TEST(at(numbers, 3) == 33u);
  BOOST_TEST(numbers.size() == 10u);
}

BOOST_AUTO_TEST_CASE(random_traffic_agrees_with_a_map) {
  auto random = std::mt19937{20'26};
  for (auto round = 0; round < 50; ++round) {
    auto numbers = watch_numbers{};
    auto model = std::map<int, std::uint64_t>{};
    auto next = 1;
    for (auto step = 0; step < 2'000; ++step) {
      const auto any = static_cast<int>(random() % static_cast<unsigned>(next + 2));
      switch (random() % 8) {
        case 0:
        case 1:
        case 2: // a new directory
          model[next] = random() + 1U;
          numbers.set(next, {model[next]});
          next += 1 + static_cast<int>(random() % 3);
          break;
        case 3: // one that is watched already, or a number of before
          model[any] = random() + 1U;
          numbers.set(any, {model[any]});
          next = std::max(next, any + 1);
          break;
        case 4:
        case 5:
          model.erase(any);
          numbers.erase(any);
          break;
        default: {
          const auto found = model.find(any);
          BOOST_REQUIRE(at(numbers, any) == (found == model.end() ? 0u : found->second));
        }
      }
      BOOST_REQUIRE(numbers.size() == model.size());
    }
    for (auto i = -1; i < next + 1; ++i)
      BOOST_REQUIRE(at(numbers, i) == (model.contains(i) ? model[i] : 0u));
  }
}

BOOST_AUTO_TEST_SUITE_END()
