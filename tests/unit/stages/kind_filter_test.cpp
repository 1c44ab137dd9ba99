#include "actors/stages/kind_filter.hpp"

#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"
#include "actors/testkit/stage_bench.hpp"
#include "support/rejecting_context.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace actors;
using namespace actors::testkit;

namespace kind_filter_tests {

using texts = std::vector<std::string>;

event_batch changes(std::initializer_list<event_type> types) {
  auto builder = batch_builder{};
  for (const auto type : types)
    builder.add({.type = type,
      .ftype = file_type::file,
      .path = "/r/a",
      .from = type == event_type::rename ? "/r/b" : ""});
  return builder.finish();
}

/// Creates and deletes are wanted.
struct fixture {
  stage_bench host{[] {
    auto wanted = change_kinds{};
    wanted.add(event_type::create);
    wanted.add(event_type::remove);
    return std::make_unique<kind_filter>(wanted);
  }};

  texts told() const {
    auto all = texts{};
    for (const auto& batch : host.out)
      for (auto& line : lines_of(batch))
        all.push_back(line);
    return all;
  }
};

} // namespace kind_filter_tests

BOOST_FIXTURE_TEST_SUITE(kind_filter_tests, fixture)

BOOST_AUTO_TEST_CASE(only_what_is_wanted_is_passed_on_in_its_order) {
  host.give(changes({event_type::remove, event_type::modify, event_type::create, event_type::rename,
    event_type::attrib}));
  BOOST_TEST(told() == (texts{"delete /r/a", "create /r/a"}), boost::test_tools::per_element());
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(every_marker_is_passed_on_in_its_place) {
  host.give(joined({batch_of({"/r/a"}), marker(event_type::overflow, "/r", "why"),
    changes({event_type::create}), marker(event_type::recovered, "/r")}));
  BOOST_TEST(told() == (texts{"overflow /r", "create /r/a", "recovered /r"}),
    boost::test_tools::per_element());
  BOOST_TEST(host.out.at(0)[0].text == "why");
}

BOOST_AUTO_TEST_CASE(nothing_is_emitted_when_nothing_is_left_and_the_input_is_released) {
  host.limit_downstream(0);
  host.give(batch_of({"/r/a", "/r/b"}));
  BOOST_TEST(host.offers() == 0u);
  BOOST_TEST(host.unreleased() == 0u);
  BOOST_TEST(!host.is_blocked());
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_wanted_as_a_whole_is_passed_on_without_a_copy) {
  const auto given =
    joined({changes({event_type::create, event_type::remove}), marker(event_type::ready, "/r")});
  host.give(given);
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(host.out[0][0].path.data() == given[0].path.data());
}

BOOST_AUTO_TEST_CASE(what_is_refused_stays_in_the_mailbox_until_there_is_room) {
  host.limit_downstream(1);
  host.give(changes({event_type::create, event_type::modify}));
  host.give(changes({event_type::modify, event_type::remove}));
  host.give(changes({event_type::create}));
  BOOST_TEST(told() == texts{"create /r/a"}, boost::test_tools::per_element());
  BOOST_TEST(host.unreleased() == 2u);
  host.make_room(1);
  BOOST_TEST(host.out.size() == 2u);
  host.make_room();
  BOOST_TEST(told() == (texts{"create /r/a", "delete /r/a", "create /r/a"}),
    boost::test_tools::per_element());
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(a_crash_while_downstream_is_full_loses_and_doubles_nothing) {
  host.limit_downstream(0);
  host.crash_next();
  host.give(changes({event_type::create, event_type::modify}));
  host.restart();
  BOOST_TEST(host.out.empty());
  host.make_room();
  host.crash_next();
  host.give(changes({event_type::remove}));
  host.restart();
  BOOST_TEST(told() == (texts{"create /r/a", "delete /r/a"}), boost::test_tools::per_element());
  BOOST_TEST(host.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(what_a_policy_rejects_is_released) {
  auto stage = kind_filter{change_kinds::all()};
  auto ctx = test::rejecting_context{};
  stage.on_batch(changes({event_type::create}), ctx);
  BOOST_TEST(ctx.releases == 1);
}

BOOST_AUTO_TEST_CASE(a_drain_has_nothing_to_add) {
  host.limit_downstream(0);
  host.give(changes({event_type::create}));
  host.make_room();
  host.drain();
  BOOST_TEST(told() == texts{"create /r/a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
