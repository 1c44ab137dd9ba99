#include "actors/core/debounce_window.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>

using namespace actors;
using namespace std::chrono_literals;

namespace debounce_window_tests {

constexpr auto quiet = 300ms;
constexpr auto hold_max = 3000ms;
constexpr auto paths_max = std::size_t{1000};

/// A window of 300 ms, 3 s at most, 1000 paths; and a clock that stands still until told.
struct windowed {
  debounce_window window{debounce_limits{quiet, hold_max, paths_max}};
  time_point start{1h};
  time_point now = start;

  static event_batch one(event_type type, const std::string& path) {
    auto what = event{};
    what.type = type;
    what.ftype = file_type::file;
    what.path = path;
    auto builder = batch_builder{};
    builder.add(what);
    return builder.finish();
  }

  void give(event_type type, const std::string& path) { window.add(one(type, path), now); }

  event_batch take() {
    auto out = batch_builder{};
    window.take(out);
    return out.finish();
  }
};

} // namespace debounce_window_tests

BOOST_FIXTURE_TEST_SUITE(debounce_window_tests, windowed)

BOOST_AUTO_TEST_CASE(an_empty_window_is_never_due) {
  BOOST_TEST(window.is_empty());
  BOOST_TEST(!window.is_full());
  BOOST_TEST(!window.due().has_value());
  BOOST_TEST(take().empty());
}

BOOST_AUTO_TEST_CASE(a_change_is_due_when_it_was_quiet_for_long_enough) {
  give(event_type::modify, "/r/a");
  BOOST_TEST(!window.is_empty());
  BOOST_TEST((window.due() == start + quiet));
}

BOOST_AUTO_TEST_CASE(every_change_puts_the_window_off) {
  give(event_type::modify, "/r/a");
  now += 200ms;
  give(event_type::modify, "/r/b");
  BOOST_TEST((window.due() == start + 200ms + quiet));
}

BOOST_AUTO_TEST_CASE(no_change_puts_the_window_off_beyond_the_longest_hold) {
  for (; now < start + hold_max; now += 100ms)
    give(event_type::modify, "/r/a");
  BOOST_TEST((window.due() == start + hold_max));
}

BOOST_AUTO_TEST_CASE(after_take_it_is_empty_and_the_hold_begins_anew) {
  give(event_type::modify, "/r/a");
  now += 200ms;
  BOOST_TEST(take().size() == 1u);
  BOOST_TEST(window.is_empty());
  BOOST_TEST(!window.due().has_value());
  BOOST_TEST(take().empty());
  now += 10s;
  const auto again = now;
  for (; now < again + hold_max; now += 100ms)
    give(event_type::modify, "/r/a");
  BOOST_TEST((window.due() == again + hold_max));
}

BOOST_AUTO_TEST_CASE(a_hundred_files_in_a_second_are_one_batch_300_ms_after_the_last) {
  for (int i = 0; i < 100; ++i, now += 10ms) {
    if (i > 0)
      BOOST_TEST((window.due() > now));
    give(event_type::create, "/r/" + std::to_string(i));
  }
  const auto last = start + 990ms;
  BOOST_TEST((window.due() == last + quiet));
  BOOST_TEST(take().size() == 100u);
}

BOOST_AUTO_TEST_CASE(a_trickle_is_handed_on_at_every_longest_hold) {
  auto batches = std::vector<std::size_t>{};
  for (int i = 0; i < 200; ++i, now += 50ms) { // 10 s
    if (window.due() && *window.due() <= now) {
      BOOST_TEST((*window.due() == start + hold_max * (batches.size() + 1)));
      batches.push_back(take().size());
    }
    give(event_type::create, "/r/" + std::to_string(i));
  }
  BOOST_TEST(batches == (std::vector<std::size_t>{60, 60, 60}), boost::test_tools::per_element());
  BOOST_TEST(take().size() == 20u);
}

BOOST_AUTO_TEST_CASE(it_is_full_when_it_holds_as_many_paths_as_it_may) {
  give(event_type::modify, "/r/0"); // holds /r too
  for (std::size_t i = 1; i + 2 < paths_max; ++i)
    give(event_type::modify, "/r/" + std::to_string(i));
  BOOST_TEST(!window.is_full());
  give(event_type::modify, "/r/0"); // not another path
  BOOST_TEST(!window.is_full());
  give(event_type::modify, "/r/last");
  BOOST_TEST(window.is_full());
  take();
  BOOST_TEST(!window.is_full());
}

BOOST_AUTO_TEST_CASE(a_file_made_again_and_again_does_not_fill_it) {
  for (std::size_t i = 0; i < 10 * paths_max; ++i) {
    give(event_type::create, "/r/" + std::to_string(i));
    give(event_type::remove, "/r/" + std::to_string(i));
  }
  BOOST_TEST(!window.is_full());
  BOOST_TEST(take().empty());
}

BOOST_AUTO_TEST_CASE(without_a_quiet_time_a_change_is_due_at_once) {
  auto eager = debounce_window{debounce_limits{0ms, hold_max, paths_max}};
  eager.add(one(event_type::modify, "/r/a"), now);
  BOOST_TEST((eager.due() == now));
}

BOOST_AUTO_TEST_CASE(random_traffic_is_never_held_too_long_nor_let_go_too_soon) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto random = std::mt19937_64{seed};
    const auto gap_max = 1 + random() % 900;
    auto first = time_point{};
    auto last = time_point{};
    auto given = std::size_t{0};
    auto taken = std::size_t{0};
    now = start;
    for (int i = 0; i < 500; ++i) {
      now += std::chrono::milliseconds{random() % gap_max};
      if (!window.is_empty()) {
        const auto due = window.due();
        BOOST_REQUIRE((due == std::min(last + quiet, first + hold_max)));
        if (*due <= now) // its host wakes up at `due`, so before what comes now
          taken += take().size();
      }
      if (window.is_empty())
        first = now;
      last = now;
      give(event_type::create, "/r/" + std::to_string(given++));
    }
    taken += take().size();
    BOOST_REQUIRE_EQUAL(taken, given);
  }
}

BOOST_AUTO_TEST_SUITE_END()
