#include "actors/core/poison_guard.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

using namespace actors;

namespace poison_guard_tests {

using event_id = std::pair<std::uint64_t, std::size_t>; ///< batch and index

/// A consumer that crashes on each of its `bad` events, alone or not. Like a stage that folds, it
/// releases nothing before it has seen all, so after a crash everything is given again.
struct fragile_consumer {
  std::map<std::uint64_t, std::size_t> batches; ///< id and size
  std::set<event_id> bad;

  poison_guard guard{};
  std::set<event_id> handled{};  ///< by the last incarnation
  std::set<event_id> left_out{}; ///< told to be poison
  int crashes = 0;

  /// False when it still crashes after `crashes_max`.
  bool run(int crashes_max) {
    while (crashes <= crashes_max)
      if (try_all())
        return true;
    return false;
  }

private:
  bool try_all() {
    handled.clear();
    for (auto [id, size] : batches)
      if (!(guard.splits(id) ? try_split(id, size) : try_whole(id, size))) {
        ++crashes;
        return false;
      }
    return true;
  }

  bool try_whole(std::uint64_t id, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      if (bad.count({id, i}) != 0) {
        guard.on_crash(id, std::nullopt);
        return false;
      }
      handled.insert({id, i});
    }
    return true;
  }

  bool try_split(std::uint64_t id, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      if (guard.leaves_out(id, i))
        continue;
      if (bad.count({id, i}) != 0) {
        if (guard.on_crash(id, i))
          left_out.insert({id, i});
        return false;
      }
      handled.insert({id, i});
    }
    return true;
  }
};

} // namespace poison_guard_tests

BOOST_AUTO_TEST_SUITE(poison_guard_tests)

BOOST_AUTO_TEST_CASE(a_batch_that_never_crashed_is_given_whole) {
  auto guard = poison_guard{};
  BOOST_TEST(!guard.splits(1));
  BOOST_TEST(!guard.leaves_out(1, 0));
}

BOOST_AUTO_TEST_CASE(after_one_crash_the_batch_is_given_whole_once_more) {
  auto guard = poison_guard{};
  BOOST_TEST(!guard.on_crash(1, std::nullopt));
  BOOST_TEST(!guard.splits(1));
}

BOOST_AUTO_TEST_CASE(after_two_crashes_it_is_given_event_by_event) {
  auto guard = poison_guard{};
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, std::nullopt);
  BOOST_TEST(guard.splits(1));
  BOOST_TEST(!guard.leaves_out(1, 0));
}

BOOST_AUTO_TEST_CASE(only_the_suspected_batch_is_split) {
  auto guard = poison_guard{};
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, std::nullopt);
  BOOST_TEST(!guard.splits(2));
}

BOOST_AUTO_TEST_CASE(an_event_that_crashes_alone_is_told_and_left_out) {
  auto guard = poison_guard{};
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, std::nullopt);
  BOOST_TEST(guard.on_crash(1, 7));
  BOOST_TEST(guard.leaves_out(1, 7));
  BOOST_TEST(guard.splits(1));
}

BOOST_AUTO_TEST_CASE(its_neighbours_are_not_left_out) {
  auto guard = poison_guard{};
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, 7);
  BOOST_TEST(!guard.leaves_out(1, 6));
  BOOST_TEST(!guard.leaves_out(1, 8));
  BOOST_TEST(!guard.leaves_out(2, 7));
}

BOOST_AUTO_TEST_CASE(a_poison_is_told_once) {
  auto guard = poison_guard{};
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, std::nullopt);
  BOOST_TEST(guard.on_crash(1, 7));
  BOOST_TEST(!guard.on_crash(1, 7));
}

BOOST_AUTO_TEST_CASE(another_batch_begins_with_a_clean_slate) {
  auto guard = poison_guard{};
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, 7);
  guard.on_crash(2, std::nullopt);
  BOOST_TEST(!guard.splits(2));
  BOOST_TEST(!guard.leaves_out(2, 7));
}

BOOST_AUTO_TEST_CASE(a_passing_fault_costs_no_event) {
  auto guard = poison_guard{};
  guard.on_crash(1, std::nullopt);
  guard.on_crash(1, std::nullopt); // from here on all goes well
  for (std::size_t i = 0; i < 100; ++i)
    BOOST_TEST(!guard.leaves_out(1, i));
}

BOOST_AUTO_TEST_CASE(one_bad_event_costs_itself_and_three_restarts) {
  auto consumer = fragile_consumer{{{1, 10}}, {{1, 4}}};
  BOOST_REQUIRE(consumer.run(3));
  BOOST_TEST(consumer.crashes == 3);
  BOOST_TEST((consumer.left_out == std::set<event_id>{{1, 4}}));
  BOOST_TEST(consumer.handled.size() == 9u);
}

BOOST_DATA_TEST_CASE(
  whatever_is_bad_in_one_batch_only_that_is_left_out, boost::unit_test::data::xrange(50)) {
  auto random = std::mt19937{static_cast<unsigned>(sample)};
  auto consumer = fragile_consumer{{{1, 12}}, {}};
  for (std::size_t i = 0; i < 12; ++i)
    if (random() % 4 == 0)
      consumer.bad.insert({1, i});
  const auto expected = consumer.bad.empty() ? 0 : 2 + static_cast<int>(consumer.bad.size());
  BOOST_REQUIRE(consumer.run(expected));
  BOOST_TEST(consumer.crashes == expected);
  BOOST_TEST((consumer.left_out == consumer.bad));
  BOOST_TEST(consumer.handled.size() == 12 - consumer.bad.size());
}

// A folding stage holds several batches unreleased, and all of them are given again after a crash.
BOOST_AUTO_TEST_CASE(two_unreleased_batches_with_a_bad_event_each_cost_those_two_events) {
  auto consumer = fragile_consumer{{{1, 5}, {2, 5}}, {{1, 1}, {2, 3}}};
  BOOST_REQUIRE(consumer.run(6));
  BOOST_TEST((consumer.left_out == consumer.bad));
  BOOST_TEST(consumer.handled.size() == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
