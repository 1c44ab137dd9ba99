#include "actors/core/log_sampler.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace actors;
using namespace std::chrono_literals;

namespace log_sampler_tests {

using told = std::optional<std::uint64_t>;

struct fixture {
  time_point now{1h};
  log_sampler x;

  told count_after(std::chrono::milliseconds span) { return x.count(now += span); }
};

} // namespace log_sampler_tests

BOOST_FIXTURE_TEST_SUITE(log_sampler_tests, fixture)

BOOST_AUTO_TEST_CASE(the_first_is_told_at_once) {
  BOOST_TEST((x.count(now) == told{1}));
}

// The clock may have started this very moment.
BOOST_AUTO_TEST_CASE(the_first_is_told_whatever_the_time) {
  BOOST_TEST((x.count(time_point{}) == told{1}));
}

BOOST_AUTO_TEST_CASE(within_a_second_of_it_silence_is_kept) {
  x.count(now);
  BOOST_TEST((count_after(0ms) == told{}));
  BOOST_TEST((count_after(999ms) == told{}));
}

BOOST_AUTO_TEST_CASE(a_second_later_the_next_is_told_with_those_it_stands_for) {
  x.count(now);
  count_after(1ms);
  count_after(1ms);
  BOOST_TEST((count_after(998ms) == told{3}));
}

BOOST_AUTO_TEST_CASE(the_second_counts_from_what_was_told_not_from_what_was_counted) {
  x.count(now);
  for (int i = 0; i < 9; ++i)
    BOOST_TEST((count_after(100ms) == told{}));
  BOOST_TEST((count_after(100ms) == told{10}));
  BOOST_TEST((count_after(100ms) == told{}));
}

BOOST_AUTO_TEST_CASE(after_a_long_silence_the_next_is_told_at_once) {
  x.count(now);
  BOOST_TEST((count_after(1h) == told{1}));
}

BOOST_AUTO_TEST_CASE(those_nobody_was_told_of_can_be_asked_for_once) {
  BOOST_TEST(x.take_untold() == 0u);
  x.count(now);
  BOOST_TEST(x.take_untold() == 0u);
  count_after(1ms);
  count_after(1ms);
  BOOST_TEST(x.take_untold() == 2u);
  BOOST_TEST(x.take_untold() == 0u);
  BOOST_TEST((count_after(1s) == told{1})); // they are not told twice
}

BOOST_AUTO_TEST_CASE(each_is_told_exactly_once_and_never_twice_within_a_second) {
  auto random = std::mt19937{1};
  auto sum = std::uint64_t{0};
  auto last = std::optional<time_point>{};
  constexpr auto all = 1'000u;
  for (auto i = 0u; i < all; ++i)
    if (const auto number =
          count_after(std::chrono::milliseconds{std::uniform_int_distribution{0, 400}(random)})) {
      sum += *number;
      BOOST_TEST((!last || now - *last >= 1s));
      last = now;
    }
  BOOST_TEST(sum + x.take_untold() == all);
}

BOOST_AUTO_TEST_SUITE_END()
