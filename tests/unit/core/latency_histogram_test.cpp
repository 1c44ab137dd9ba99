#include "actors/core/latency_histogram.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(latency_histogram_test)

BOOST_AUTO_TEST_CASE(a_value_is_in_the_first_bucket_whose_bound_it_does_not_exceed) {
  auto histogram = latency_histogram{};
  histogram.add(250us);
  histogram.add(251us);
  histogram.add(1h);
  const auto counts = histogram.counts();
  BOOST_TEST(counts.buckets.front() == 1u);
  BOOST_TEST(counts.buckets[1] == 1u);
  BOOST_TEST(counts.buckets.back() == 1u);
  BOOST_TEST(counts.count() == 3u);
  BOOST_TEST((counts.sum == 1h + 501us));
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_put_back_counts_as_nothing_at_all) {
  auto histogram = latency_histogram{};
  histogram.add(-5s, 3);
  BOOST_TEST(histogram.counts().buckets.front() == 3u);
  BOOST_TEST((histogram.counts().sum == 0us));
}

BOOST_AUTO_TEST_CASE(a_share_is_told_by_the_bound_of_its_bucket) {
  auto histogram = latency_histogram{};
  BOOST_TEST((histogram.counts().at_most(0.5) == 0us));
  histogram.add(800us, 98);
  histogram.add(40ms, 2);
  BOOST_TEST((histogram.counts().at_most(0.5) == 1ms));
  BOOST_TEST((histogram.counts().at_most(0.99) == 50ms));
  histogram.add(1h, 1000);
  BOOST_TEST((histogram.counts().at_most(0.99) == 60s)); // the last bound there is
}

BOOST_AUTO_TEST_CASE(bounds_grow) {
  BOOST_TEST((std::is_sorted(latency_bounds.begin(), latency_bounds.end())));
}

BOOST_AUTO_TEST_SUITE_END()
