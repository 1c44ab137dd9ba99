#include "actors/stages/sequencer.hpp"

#include "actors/testkit/batches.hpp"
#include "actors/testkit/stage_bench.hpp"
#include "support/rejecting_context.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace actors::testkit;

namespace sequencer_tests {

struct fixture {
  stage_bench host{[] { return std::make_unique<sequencer>(); }};

  std::vector<std::string> told() {
    auto all = std::vector<std::string>{};
    for (const auto& batch : host.out)
      for (auto& line : lines_of(batch))
        all.push_back(line);
    return all;
  }
};

} // namespace sequencer_tests

BOOST_FIXTURE_TEST_SUITE(sequencer_tests, fixture)

BOOST_AUTO_TEST_CASE(it_passes_on_what_comes_and_releases_it) {
  host.give(batch_of({"/1", "/2"}));
  host.give(batch_of({"/3"}));
  BOOST_TEST(told() == (std::vector<std::string>{"modify /1", "modify /2", "modify /3"}),
    boost::test_tools::per_element());
  BOOST_TEST(host.out.size() == 2u);
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_refused_stays_in_the_mailbox_until_there_is_room) {
  host.limit_downstream(1);
  for (const auto* path : {"/1", "/2", "/3"})
    host.give(batch_of({path}));
  BOOST_TEST(host.out.size() == 1u);
  BOOST_TEST(host.unreleased() == 2u);
  host.make_room(1);
  BOOST_TEST(host.out.size() == 2u);
  host.make_room();
  BOOST_TEST(told() == (std::vector<std::string>{"modify /1", "modify /2", "modify /3"}),
    boost::test_tools::per_element());
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(a_crash_loses_and_doubles_nothing) {
  host.give(batch_of({"/1"}));
  host.crash_next();
  host.give(batch_of({"/2"}));
  host.give(batch_of({"/3"}));
  host.restart();
  BOOST_TEST(told() == (std::vector<std::string>{"modify /1", "modify /2", "modify /3"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_drain_after_a_refusal_needs_no_second_telling) {
  host.limit_downstream(0);
  host.give(batch_of({"/1"}));
  host.make_room();
  host.drain();
  BOOST_TEST(told() == std::vector<std::string>{"modify /1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_policy_rejects_is_released) {
  auto stage = sequencer{};
  auto ctx = test::rejecting_context{};
  stage.on_batch(batch_of({"/1"}), ctx);
  BOOST_TEST(ctx.releases == 1);
}

BOOST_AUTO_TEST_SUITE_END()
