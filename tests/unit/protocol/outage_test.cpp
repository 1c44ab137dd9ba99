#include "actors/protocol/outage.hpp"

#include "actors/testkit/fake_contexts.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace std::chrono_literals;

namespace outage_tests {

struct fixture {
  testkit::fake_sink_context ctx;
  outage away{100ms, 400ms};
};

} // namespace outage_tests

BOOST_FIXTURE_TEST_SUITE(outage_tests, fixture)

BOOST_AUTO_TEST_CASE(it_is_logged_once_and_stays_in_health_with_the_last_reason) {
  away.note_failure("post_failed", "refused", ctx);
  const auto wait = away.note_failure("post_failed", "no answer", ctx);
  BOOST_REQUIRE(ctx.lines.size() == 1u);
  BOOST_TEST(ctx.lines[0].event == "post_failed");
  BOOST_TEST((ctx.lines[0].level == log_level::warning));
  BOOST_REQUIRE(ctx.lines[0].fields.size() == 1u);
  BOOST_TEST(ctx.lines[0].fields[0].first == "reason");
  BOOST_TEST(ctx.lines[0].fields[0].second == "refused");
  BOOST_TEST(ctx.degradation == "no answer; next try in " + std::to_string(wait.count()) + " ms");
}

BOOST_AUTO_TEST_CASE(the_next_one_is_logged_again) {
  away.note_failure("post_failed", "refused", ctx);
  away.end(ctx);
  BOOST_TEST(ctx.degradation.empty());
  away.note_failure("link_lost", "refused", ctx, {{"unacknowledged", "3"}});
  BOOST_REQUIRE(ctx.lines.size() == 2u);
  BOOST_TEST(ctx.lines[1].event == "link_lost");
  BOOST_REQUIRE(ctx.lines[1].fields.size() == 2u);
  BOOST_TEST(ctx.lines[1].fields[1].second == "3");
}

BOOST_AUTO_TEST_CASE(an_end_without_one_hides_no_degradation_of_others) {
  ctx.degraded("of others");
  away.end(ctx);
  BOOST_TEST(ctx.degradation == "of others");
}

BOOST_AUTO_TEST_CASE(waits_grow_until_it_answers_though_it_takes_nothing_yet) {
  auto longest = 0ms;
  for (auto i = 0; i < 50; ++i)
    longest = std::max(longest, away.note_failure("post_failed", "refused", ctx));
  BOOST_TEST((longest > 300ms)); // a quarter of it is chance
  BOOST_TEST((longest <= 400ms));
  away.reset_waits();
  BOOST_TEST((away.note_failure("post_failed", "refused", ctx) <= 100ms));
  BOOST_TEST(ctx.lines.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_says_when_is_asked_then_and_not_sooner_than_the_base) {
  BOOST_TEST((away.note_failure_until(7s, "post_failed", "busy", ctx) == 7s));
  BOOST_TEST(ctx.degradation == "busy; next try in 7000 ms");
  BOOST_TEST((away.note_failure_until(0s, "post_failed", "busy", ctx) == 100ms));
}

BOOST_AUTO_TEST_SUITE_END()
