#include "actors/stages/debouncer.hpp"

#include "actors/testkit/batches.hpp"
#include "actors/testkit/stage_bench.hpp"
#include "support/random_changes.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace debouncer_tests {

constexpr auto quiet = 300ms;
constexpr auto hold_max = 3000ms;
constexpr auto paths_max = std::size_t{1000};

using texts = std::vector<std::string>;

/// A debouncer of 300 ms, 3 s at most, 1000 paths.
struct fixture {
  stage_bench host{[] {
    return std::make_unique<debouncer>(debounce_limits{quiet, hold_max, paths_max});
  }};
};

} // namespace debouncer_tests

BOOST_FIXTURE_TEST_SUITE(debouncer_tests, fixture)

BOOST_AUTO_TEST_CASE(a_burst_becomes_one_batch_after_the_quiet_time) {
  for (auto i = 0; i < 100; ++i)
    host.give(batch_of({"/r/a"}));
  host.pass(299ms);
  BOOST_TEST(host.out.empty());
  BOOST_TEST(host.unreleased() == 100u);
  host.pass(1ms);
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(lines_of(host.out[0]) == texts{"modify /r/a"}, boost::test_tools::per_element());
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(an_unceasing_trickle_is_told_after_hold_max) {
  for (auto i = 0; i < 100; ++i) { // every 100 ms for 10 s
    host.give(batch_of({"/r/a"}));
    host.pass(100ms);
  }
  BOOST_TEST(host.out.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_hundred_files_in_a_second_are_one_batch_of_a_hundred) {
  for (auto i = 0; i < 100; ++i) {
    host.give(batch_of({"/r/" + std::to_string(i)}));
    host.pass(10ms);
  }
  host.pass(289ms);
  BOOST_TEST(host.out.empty());
  host.pass(1ms);
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(host.out[0].size() == 100u);
}

BOOST_AUTO_TEST_CASE(a_marker_ends_the_window_and_goes_out_at_once_in_its_place) {
  host.give(batch_of({"/r/a", "/r/b"}));
  host.give(joined({batch_of({"/r/c"}), marker(event_type::overflow, "/r"),
    batch_of({"/r/a", "/r/a"}), marker(event_type::recovered, "/r"), batch_of({"/r/d"})}));
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(lines_of(host.out[0])
               == (texts{"modify /r/a", "modify /r/b", "modify /r/c", "overflow /r", "modify /r/a",
                 "recovered /r", "modify /r/d"}),
    boost::test_tools::per_element());
  BOOST_TEST(host.unreleased() == 0u);
  host.pass(1h);
  BOOST_TEST(host.out.size() == 1u);
}

BOOST_AUTO_TEST_CASE(markers_alone_pass_at_once) {
  host.give(marker(event_type::ready, "/r", "inotify"));
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(lines_of(host.out[0]) == texts{"ready /r"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_downstream_refuses_is_kept_and_released_only_when_taken) {
  host.limit_downstream(0);
  host.give(batch_of({"/r/a"}));
  host.pass(300ms);
  BOOST_TEST(host.is_blocked());
  BOOST_TEST(host.unreleased() == 1u);
  BOOST_TEST(host.out.empty());
  host.pass(1h);
  BOOST_TEST(host.offers() == 1u); // it waits to be told
  host.give(batch_of({"/r/b"}));
  host.make_room(0); // a false alarm
  BOOST_TEST(host.is_blocked());
  BOOST_TEST(host.unreleased() == 2u);
  host.make_room();
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(lines_of(host.out[0]) == texts{"modify /r/a"}, boost::test_tools::per_element());
  BOOST_TEST(host.unreleased() == 1u); // the second came later
  host.pass(300ms);
  BOOST_TEST(host.out.size() == 2u);
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(it_hands_on_early_when_its_mailbox_is_three_quarters_full) {
  host.fill_messages = 8;
  for (auto i = 0; i < 5; ++i)
    host.give(batch_of({"/r/a"}));
  BOOST_TEST(host.out.empty());
  host.give(batch_of({"/r/b"}));
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(host.out[0].size() == 2u);
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(it_hands_on_early_when_it_holds_as_many_paths_as_it_may) {
  for (auto i = 0u; i < paths_max; ++i)
    host.give(batch_of({"/r/" + std::to_string(i)}));
  BOOST_REQUIRE(!host.out.empty());
  BOOST_TEST(host.out[0].size() <= paths_max);
  BOOST_TEST(host.out[0].size() > paths_max - 10); // directories above them count too
}

BOOST_AUTO_TEST_CASE(it_has_at_most_one_timer_under_way) {
  for (auto i = 0; i < 1000; ++i) {
    host.give(batch_of({"/r/" + std::to_string(i % 50)}));
    host.pass(std::chrono::milliseconds{i * 7 % 400});
  }
  host.pass(1h);
  BOOST_TEST(host.timers_most() == 1u);
  BOOST_TEST(host.timers() == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_stays_behind_after_a_drain) {
  host.give(batch_of({"/r/a"}));
  host.drain();
  BOOST_TEST(host.out.size() == 1u);
  BOOST_TEST(host.unreleased() == 0u);
  host.drain();
  BOOST_TEST(host.out.size() == 1u);
}

BOOST_AUTO_TEST_CASE(changes_that_cancel_out_are_released_though_nothing_is_told) {
  auto builder = batch_builder{};
  builder.add({.type = event_type::create, .ftype = file_type::file, .path = "/r/t"});
  builder.add({.type = event_type::remove, .ftype = file_type::file, .path = "/r/t"});
  host.give(builder.finish());
  host.pass(300ms);
  BOOST_TEST(host.out.empty());
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(a_new_incarnation_folds_what_was_not_released) {
  host.give(batch_of({"/r/a"}));
  host.crash_next();
  host.give(batch_of({"/r/b"}));
  BOOST_TEST(host.is_dead());
  host.give(batch_of({"/r/c"}));
  host.restart();
  host.pass(300ms);
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(lines_of(host.out[0]) == (texts{"modify /r/a", "modify /r/b", "modify /r/c"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_crash_that_takes_back_an_emit_leads_to_the_same_emit_again) {
  host.give(batch_of({"/r/a"}));
  host.crash_next();
  host.pass(300ms);
  BOOST_TEST(host.out.empty());
  BOOST_TEST(host.unreleased() == 1u);
  host.restart();
  host.pass(300ms);
  BOOST_TEST(host.out.size() == 1u);
  BOOST_TEST(host.unreleased() == 0u);
}

// -- the promise: replay == disk, whatever crashes when -------------------------------------------

namespace {

/// Random traffic through one debouncer that is killed and held up at random; its reader must end
/// with the true disk, and every record must make sense (a thing told twice does not).
std::string story(std::uint64_t seed) {
  auto random = std::mt19937_64{seed};
  const auto below = [&](std::uint64_t n) { return random() % n; };
  auto disk = toy_disk{"/r"};
  auto changes = random_changes{seed, disk};
  auto reader = disk;
  auto builder = batch_builder{};
  changes.listen([&](const event& what) { builder.add(what); });
  auto host = stage_bench{[] {
    return std::make_unique<debouncer>(debounce_limits{300ms, 3000ms, 1000});
  }};
  host.fill_messages = 4 + below(60);
  const auto give = [&] {
    if (!builder.empty())
      host.give(builder.finish());
  };
  const auto steps = 20 + below(60);
  for (auto i = std::uint64_t{0}; i < steps; ++i) {
    changes.step();
    if (below(3) == 0)
      give();
    if (below(6) == 0)
      host.crash_next();
    if (below(20) == 0)
      host.give(marker(event_type::degraded, "/r"));
    host.pass(std::chrono::milliseconds{below(400)});
    if (below(10) == 0)
      host.limit_downstream(below(2));
    if (below(4) == 0)
      host.make_room();
    if (host.is_dead() && below(3) != 0)
      host.restart();
  }
  give();
  while (host.is_dead() || host.unreleased() != 0) {
    if (host.is_dead())
      host.restart();
    host.make_room();
    host.pass(5s);
  }
  for (const auto& batch : host.out)
    for (const auto& what : batch)
      if (is_change(what.type))
        if (auto wrong = reader.apply(what); !wrong.empty())
          return wrong;
  return reader.difference_from(disk);
}

} // namespace

BOOST_AUTO_TEST_CASE(replaying_what_it_told_gives_the_disk_whatever_crashed_when) {
  const auto* text = std::getenv("ACTORS_SEEDS");
  const auto seeds = text == nullptr ? 2000 : std::strtoull(text, nullptr, 10);
  for (auto seed = 1ull; seed <= seeds; ++seed) {
    const auto wrong = story(seed);
    BOOST_REQUIRE_MESSAGE(wrong.empty(), "seed " << seed << ": " << wrong);
  }
}

BOOST_AUTO_TEST_SUITE_END()
