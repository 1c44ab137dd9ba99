#include <boost/test/unit_test.hpp>

#include "supervision_tree_driver.hpp"

using namespace actors;
using namespace std::chrono_literals;
using boost::test_tools::per_element;
using addition = dynamic_group::addition;
using phase = child_group::phase;

namespace supervision_tree_tests {

using driver = supervision_tree_driver;
using moments = std::vector<std::chrono::milliseconds>;

supervision_rules rules_of(escalation on_failure) {
  auto rules = supervision_rules{};
  rules.on_failure = on_failure;
  return rules;
}

supervision_rules rules_of(restart_strategy strategy) {
  auto rules = supervision_rules{};
  rules.strategy = strategy;
  return rules;
}

/// Fails for good at its first crash.
child_rules brittle(const std::string& id) {
  auto rules = child_rules{};
  rules.id = id;
  rules.restart.backoff.attempts_max = 0;
  return rules;
}

child_rules optional(const std::string& id) {
  auto rules = child_rules{};
  rules.id = id;
  rules.required = false;
  return rules;
}

/// One that may end, and then ends its group.
child_rules significant(const std::string& id) {
  auto rules = child_rules{};
  rules.id = id;
  rules.restart.type = restart_type::transient;
  rules.significant = true;
  return rules;
}

/// sink; filters (a group): first, second; source.
tree_plan pipeline(supervision_rules filters = {}) {
  return tree_plan{}
    .child("sink")
    .group("filters", {}, filters)
    .child("source")
    .child("first", "filters")
    .child("second", "filters");
}

/// A group in a group in the root: outer holds inner and b, inner holds the brittle a.
tree_plan nest(supervision_rules inner = {}, supervision_rules outer = {}) {
  return tree_plan{}
    .group("outer", {}, outer)
    .child("c")
    .group("inner", "outer", inner)
    .child("b", "outer")
    .child(brittle("a"), "inner");
}

struct running : driver {
  explicit running(tree_plan plan, supervision_rules root = {}) : driver{std::move(plan), root} {
    start();
    orders();
  }
};

} // namespace supervision_tree_tests

BOOST_AUTO_TEST_SUITE(supervision_tree_tests)

// -- start ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_member_after_a_group_waits_until_all_in_it_are_ready) {
  auto x = driver{pipeline()};
  x.of("second").ready_at_once = false;
  x.start();
  BOOST_TEST(x.orders() == (words{"start sink", "start first", "start second"}), per_element());
  BOOST_TEST((x.group("filters").state() == child_state::starting));
  x.ready("second");
  BOOST_TEST(x.orders() == words{"start source"}, per_element());
  BOOST_TEST((x.group("filters").state() == child_state::ready));
}

BOOST_AUTO_TEST_CASE(three_levels_start_from_the_inside) {
  auto x = driver{nest()};
  x.start();
  BOOST_TEST(x.orders() == (words{"start a", "start b", "start c"}), per_element());
  BOOST_TEST(x.machine.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_group_may_start_for_as_long_as_its_children_need) {
  auto x = driver{pipeline()};
  x.of("second").ready_at_once = false;
  x.start();
  for (auto i = 0; i < 20; ++i) {
    x.pass(9s);
    x.machine.on_progress(x.key_of("second"), x.now);
  }
  x.ready("second");
  BOOST_TEST((x.group("filters").state() == child_state::ready));
  BOOST_TEST(x.count(notice_id::child_hung) == 0u);
}

BOOST_AUTO_TEST_CASE(an_empty_group_is_ready_at_once) {
  auto x = driver{tree_plan{}.group("none").child("a")};
  x.start();
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(members_are_found_at_their_places) {
  auto x = running{pipeline()};
  BOOST_TEST(x.machine.id(1) == "filters");
  BOOST_TEST(x.machine.id(3) == "first");
  BOOST_TEST(x.machine.find(3)->incarnation() == 1u);
  BOOST_TEST(x.machine.find(5) == nullptr);
}

// -- crashes in a group ---------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_child_that_crashes_in_a_group_is_that_groups_affair) {
  auto x = running{pipeline()};
  x.crash("first");
  x.pass(1s);
  BOOST_TEST(x.orders() == words{"start first"}, per_element());
  BOOST_TEST((x.group("filters").state() == child_state::ready));
  BOOST_TEST(x.group("filters").attempt() == 0u);
}

BOOST_AUTO_TEST_CASE(a_group_restarts_its_children_by_its_own_strategy) {
  auto x = running{pipeline(rules_of(restart_strategy::one_for_all))};
  x.crash("first");
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"stop second", "start first", "start second"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_child_that_fails_for_good_crashes_its_group_which_starts_again_as_a_whole) {
  auto x = running{
    tree_plan{}.group("g").child("c").child("b", "g").child(brittle("a"), "g").child("d", "g")};
  x.crash("a");
  BOOST_TEST(x.orders() == (words{"stop d", "stop b"}), per_element());
  BOOST_TEST((x.group("g").state() == child_state::backing_off));
  BOOST_TEST(x.group("g").attempt() == 1u);
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start b", "start a", "start d"}), per_element());
  BOOST_TEST((x.group("g").state() == child_state::ready));
  BOOST_TEST(x.child("a").attempt() == 0u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u);
}

BOOST_AUTO_TEST_CASE(its_mailboxes_stay_open_meanwhile) {
  auto x = running{nest()};
  x.crash("a");
  x.pass(1min);
  for (const auto* id : {"a", "b", "c"})
    BOOST_TEST(x.of(id).times_closed == 0);
}

BOOST_AUTO_TEST_CASE(a_group_waits_1_2_4_8_and_16_seconds_and_then_fails_for_good) {
  auto x = driver{tree_plan{}.group("g").child(brittle("a"), "g").child("b", "g")};
  x.of("a").crashing_starts = 100;
  x.start();
  x.pass(10min);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 1s, 3s, 7s, 15s, 31s}), per_element());
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST((x.last(notice_id::fatal_error).child == x.places.at("g")));
  BOOST_TEST(x.machine.failure() == "g: a: could not start");
  BOOST_TEST(x.of("a").times_closed == 1);
  BOOST_TEST(x.of("b").times_closed == 1);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_group_that_is_stable_has_its_attempts_forgotten) {
  auto x = running{nest()};
  x.crash("a");
  x.pass(1s + 32s);
  BOOST_TEST(x.group("inner").attempt() == 0u);
}

BOOST_AUTO_TEST_CASE(failures_climb_level_by_level) {
  auto plan = tree_plan{}
                .group("outer")
                .group(brittle("inner"), "outer")
                .child("b", "outer")
                .child(brittle("a"), "inner");
  auto x = running{plan};
  x.crash("a"); // fails inner for good, which crashes outer
  BOOST_TEST(x.orders() == words{"stop b"}, per_element());
  BOOST_TEST(x.group("outer").attempt() == 1u);
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start a", "start b"}), per_element());
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_group_that_crashes_restarts_those_after_it_by_the_strategy_above) {
  auto plan = tree_plan{}.child("c").group("g").child("d").child(brittle("a"), "g");
  auto x = running{plan, rules_of(restart_strategy::rest_for_one)};
  x.crash("a");
  BOOST_TEST(x.orders() == words{"stop d"}, per_element());
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start a", "start d"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_group_is_stopped_and_started_as_a_bystander) {
  auto x = running{pipeline(), rules_of(restart_strategy::one_for_all)};
  x.crash("sink");
  BOOST_TEST(x.orders() == (words{"stop source", "stop second", "stop first"}), per_element());
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start sink", "start first", "start second", "start source"}),
    per_element());
  BOOST_TEST(x.group("filters").attempt() == 0u);
  BOOST_TEST(x.of("first").times_closed == 0);
}

// -- what a failure means -------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_root_that_isolates_goes_on_without_the_group) {
  auto plan = tree_plan{}.group(brittle("g")).child("c").child(brittle("a"), "g").child("b", "g");
  auto x = running{plan, rules_of(escalation::isolate)};
  x.crash("a");
  BOOST_TEST(x.orders() == (words{"stop b", "close b", "close a"}), per_element());
  BOOST_TEST((x.machine.now_in() == phase::running));
  BOOST_TEST((x.state_of("c") == child_state::ready));
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(!x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_group_that_isolates_a_child_is_degraded_until_that_is_reset) {
  auto x = running{nest(rules_of(escalation::isolate))};
  x.crash("a");
  BOOST_TEST((x.group("inner").state() == child_state::degraded));
  BOOST_TEST(x.group("inner").last_error() == "1 of its children failed");
  BOOST_TEST((x.group("outer").state() == child_state::ready));
  BOOST_TEST(x.of("a").times_closed == 1);
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.reset("a"));
  x.pass(2s);
  BOOST_TEST((x.group("inner").state() == child_state::ready));
  BOOST_TEST(x.count_of(notice_id::child_recovered, "inner") == 1u);
}

BOOST_AUTO_TEST_CASE(shutdown_from_deep_inside_ends_the_whole_tree) {
  auto x = running{nest(rules_of(escalation::shutdown))};
  x.crash("a");
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.machine.has_failed());
  BOOST_TEST(x.machine.failure() == "a: broken");
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.times_of("start a").size() == 1u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(shutdown_overrules_groups_that_would_isolate) {
  auto plan = tree_plan{}
                .group("outer", {}, rules_of(escalation::isolate))
                .group(brittle("inner"), "outer", rules_of(escalation::shutdown))
                .child(brittle("a"), "inner");
  auto x = running{plan, rules_of(escalation::isolate)};
  x.crash("a");
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
}

// Those who stop need time; the sources need not wait for them to be told.
BOOST_AUTO_TEST_CASE(shutdown_does_not_wait_for_the_group_that_wants_it) {
  auto plan = tree_plan{}
                .group("g", {}, rules_of(escalation::shutdown))
                .child("source")
                .child(brittle("a"), "g")
                .child("b", "g");
  auto x = running{plan};
  x.of("b").stops = false;
  x.crash("a");
  BOOST_TEST(x.orders() == (words{"stop b", "drain source"}), per_element());
  x.stopped("b");
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_group_restart_stays_in_its_group) {
  auto x = running{nest(rules_of(escalation::restart_group))};
  x.crash("a");
  x.pass(16s);
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST(x.group("inner").incarnation() == 1u);
}

BOOST_AUTO_TEST_CASE(a_budget_that_is_used_up_crashes_the_group) {
  auto rules = supervision_rules{};
  rules.budget = {1, 1h};
  auto x = running{pipeline(rules)};
  x.crash("first");
  x.crash("second");
  BOOST_TEST((x.group("filters").state() == child_state::backing_off));
  BOOST_TEST(x.count(notice_id::group_budget_exceeded) == 1u);
  x.pass(1s);
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_significant_child_ends_its_group_and_a_permanent_group_starts_again) {
  auto x = running{tree_plan{}.group("g").child(significant("a"), "g").child("b", "g")};
  x.end("a");
  BOOST_TEST(x.orders() == (words{"close a", "drain b", "stop b"}), per_element());
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start a", "start b"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_transient_group_that_ends_by_choice_is_closed_and_stays_away) {
  auto g = child_rules{};
  g.id = "g";
  g.restart.type = restart_type::transient;
  auto x = running{tree_plan{}.group(g).child(significant("a"), "g").child("b", "g")};
  x.end("a");
  x.pass(1h);
  BOOST_TEST(x.orders() == (words{"close a", "drain b", "stop b", "close b"}), per_element());
  BOOST_TEST((x.group("g").state() == child_state::stopped));
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_significant_group_that_ends_ends_the_tree) {
  auto g = significant("g");
  auto x = running{tree_plan{}.group(g).child("c").child(significant("a"), "g")};
  x.end("a");
  BOOST_TEST(x.is_done());
  BOOST_TEST(!x.machine.has_failed());
}

// -- instances that hang --------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_child_that_hangs_in_a_group_is_let_go_and_replaced) {
  auto x = running{pipeline()};
  x.hang("first");
  BOOST_TEST(x.orders() == words{"abandon first"}, per_element());
  x.pass(1s);
  BOOST_TEST(x.orders() == words{"start first"}, per_element());
  BOOST_TEST(x.machine.abandoned() == words{"first"}, per_element());
  x.returned("first");
  BOOST_TEST(x.machine.abandoned().empty());
}

BOOST_AUTO_TEST_CASE(a_group_with_too_many_around_crashes) {
  auto rules = supervision_rules{};
  rules.abandoned_max = 1;
  auto x = running{pipeline(rules)};
  x.hang("first");
  x.hang("second");
  BOOST_TEST((x.group("filters").state() == child_state::backing_off));
  x.returned("first");
  x.pass(1s);
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(those_who_ignore_the_stop_of_a_group_restart_are_let_go_by_their_own_group) {
  auto x = running{pipeline(), rules_of(restart_strategy::one_for_all)};
  x.of("first").stops = false;
  x.crash("sink");
  x.pass(5s);
  BOOST_TEST(x.times_of("abandon first") == moments{5s}, per_element());
  BOOST_TEST(x.machine.is_ready());
  BOOST_TEST(x.count_of(notice_id::child_abandoned, "filters") == 0u);
}

// Both may take 20 s, but the group is asked first.
BOOST_AUTO_TEST_CASE(a_group_that_ends_with_its_deadline_has_ended_in_time) {
  auto filters = supervision_rules{};
  filters.stop_deadline = 20s;
  auto x = running{pipeline(filters), rules_of(restart_strategy::one_for_all)};
  x.of("first").stops = false;
  x.crash("sink");
  x.pass(20s);
  BOOST_TEST(x.times_of("abandon first") == moments{20s}, per_element());
  BOOST_TEST(x.count_of(notice_id::child_abandoned, "filters") == 0u);
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_group_beyond_its_deadline_is_let_go_with_all_in_it_and_replaced) {
  auto filters = supervision_rules{};
  filters.stop_deadline = 20s;
  auto g = child_rules{};
  g.id = "filters";
  g.stop_deadline = 3s;
  auto plan = tree_plan{}
                .child("sink")
                .group(g, {}, filters)
                .group("inner", "filters")
                .child("first", "inner")
                .child("second", "filters");
  auto x = running{plan, rules_of(restart_strategy::one_for_all)};
  x.of("first").stops = false;
  x.crash("sink");
  x.pass(3s);
  BOOST_TEST(x.times_of("abandon first") == moments{3s}, per_element());
  BOOST_TEST(x.machine.is_ready());
  BOOST_TEST(x.machine.abandoned() == words{"first"}, per_element());
  BOOST_TEST(x.complaints() == "");
}

// It holds no thread of its own.
BOOST_AUTO_TEST_CASE(a_group_that_was_let_go_does_not_count_as_one_that_hangs) {
  auto filters = supervision_rules{};
  filters.stop_deadline = 20s;
  auto g = child_rules{};
  g.id = "filters";
  g.stop_deadline = 3s;
  auto root = rules_of(restart_strategy::one_for_all);
  root.abandoned_max = 1;
  auto x = running{tree_plan{}.child("sink").group(g, {}, filters).child("first", "filters"), root};
  x.of("first").stops = false;
  for (auto i = 0; i < 3; ++i) {
    x.crash("sink");
    x.pass(1min);
  }
  BOOST_TEST(x.machine.is_ready());
  BOOST_TEST(x.machine.abandoned().size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_group_with_too_many_that_hang_uses_up_its_attempts_and_fails) {
  auto filters = supervision_rules{};
  filters.abandoned_max = 0;
  auto x = running{pipeline(filters), rules_of(restart_strategy::one_for_all)};
  x.of("first").stops = false;
  x.crash("sink");
  x.pass(10min);
  BOOST_TEST(x.times_of("start first").size() == 1u);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.machine.failure() == "filters: 1 instances that hang are still around");
  BOOST_TEST(x.complaints() == "");
}

// -- reset ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_child_in_a_group_is_reset_there) {
  auto x = running{pipeline()};
  x.crash("first");
  BOOST_TEST(x.reset("first"));
  BOOST_TEST(x.orders() == words{"start first"}, per_element());
  BOOST_TEST(!x.reset("first"));
  BOOST_TEST(!x.reset(99));
}

BOOST_AUTO_TEST_CASE(a_group_that_backs_off_and_is_reset_starts_at_once) {
  auto x = running{nest()};
  x.crash("a");
  BOOST_TEST(!x.reset("a")); // its group does not run
  BOOST_TEST(x.reset_group("inner"));
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST(x.group("inner").attempt() == 0u);
  x.pass(10s);
  BOOST_TEST(x.orders().empty());
}

BOOST_AUTO_TEST_CASE(a_group_that_failed_for_good_and_is_reset_starts_with_all_in_it) {
  auto plan = tree_plan{}
                .group(brittle("g"))
                .group("inner", "g")
                .child(brittle("a"), "g")
                .child("b", "inner");
  auto x = running{plan, rules_of(escalation::isolate)};
  x.crash("a");
  BOOST_TEST(x.orders() == (words{"stop b", "close a", "close b"}), per_element());
  BOOST_TEST(x.reset_group("g"));
  BOOST_TEST(x.orders() == (words{"start b", "start a"}), per_element());
  BOOST_TEST(x.machine.is_ready());
  x.stop();
  BOOST_TEST(x.of("a").times_closed == 2);
  BOOST_TEST(x.of("b").times_closed == 2);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(there_is_nothing_to_reset_in_a_group_that_runs) {
  auto x = running{pipeline()};
  BOOST_TEST(!x.reset_group("filters"));
}

// -- pools ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_pool_takes_children_while_the_tree_runs) {
  auto x = running{tree_plan{}.child("sink").pool("doors").child("source")};
  BOOST_TEST((x.add("doors", "ann") == addition::added));
  BOOST_TEST((x.add("doors", "bob") == addition::added));
  BOOST_TEST(x.orders() == (words{"start ann", "start bob"}), per_element());
  BOOST_TEST((x.machine.find_in(1, "bob") == std::optional<std::size_t>{4}));
  BOOST_TEST(x.machine.id(4) == "bob");
  BOOST_TEST(x.machine.count(child_state::ready) == 4u);
}

BOOST_AUTO_TEST_CASE(children_are_found_in_pools_alone) {
  auto x = running{pipeline()};
  BOOST_TEST((x.machine.find_in(1, "first") == std::nullopt));
  BOOST_TEST((x.machine.find_in(0, "sink") == std::nullopt));
  BOOST_TEST((x.machine.find_in(99, "sink") == std::nullopt));
}

BOOST_AUTO_TEST_CASE(places_are_not_used_twice) {
  auto x = running{tree_plan{}.pool("doors")};
  x.add("doors", "ann");
  BOOST_TEST(x.remove("ann"));
  x.add("doors", "ann");
  BOOST_TEST((x.machine.find_in(0, "ann") == std::optional<std::size_t>{2}));
  BOOST_TEST(x.machine.find(1) == nullptr);
}

BOOST_AUTO_TEST_CASE(children_are_removed_from_pools_alone) {
  auto x = running{tree_plan{}.pool("doors").child("c")};
  x.add("doors", "ann");
  x.orders();
  BOOST_TEST(!x.remove("c"));
  BOOST_TEST(!x.remove(77));
  BOOST_TEST(!x.remove(0));
  BOOST_TEST(x.remove("ann"));
  BOOST_TEST(x.orders() == (words{"stop ann", "close ann", "remove ann"}), per_element());
}

BOOST_AUTO_TEST_CASE(an_id_in_a_pool_is_taken_or_free_as_in_any_dynamic_group) {
  auto x = running{tree_plan{}.pool("doors").pool("windows")};
  x.add("doors", "ann");
  BOOST_TEST((x.add("doors", "ann") == addition::taken));
  BOOST_TEST((x.add("windows", "ann") == addition::added));
}

BOOST_AUTO_TEST_CASE(children_added_before_the_start_start_with_their_pool) {
  auto x = driver{tree_plan{}.pool("doors").child("c")};
  BOOST_TEST((x.add("doors", "ann") == addition::added));
  BOOST_TEST(x.orders().empty());
  x.start();
  BOOST_TEST(x.orders() == (words{"start ann", "start c"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_pool_that_backs_off_takes_no_children) {
  auto x = running{tree_plan{}.pool("doors")};
  x.add("doors", brittle("ann"));
  x.crash("ann");
  BOOST_TEST((x.add("doors", "bob") == addition::not_running));
  x.pass(1s);
  BOOST_TEST((x.add("doors", "bob") == addition::added));
}

BOOST_AUTO_TEST_CASE(a_pool_that_crashes_starts_again_with_its_children) {
  auto x = running{tree_plan{}.pool("doors")};
  x.add("doors", brittle("ann"));
  x.add("doors", "bob");
  x.add("doors", "guest", restart_type::temporary);
  x.orders();
  x.crash("ann");
  BOOST_TEST(x.orders() == (words{"stop bob", "stop guest"}), per_element());
  x.pass(1s);
  BOOST_TEST(
    x.orders() == (words{"start ann", "start bob", "close guest", "remove guest"}), per_element());
  BOOST_TEST(x.machine.find(x.key_of("guest")) == nullptr);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_temporary_child_of_a_pool_is_forgotten_when_it_ends) {
  auto x = running{tree_plan{}.pool("doors")};
  x.add("doors", "guest", restart_type::temporary);
  x.end("guest");
  BOOST_TEST(x.machine.find(1) == nullptr);
  x.machine.on_crashed(1, 1, "late", x.now);
  x.settle();
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_pool_drains_and_stops_in_its_turn_and_all_at_once) {
  auto x = running{tree_plan{}.child("sink").pool("doors").child("source")};
  x.add("doors", "ann");
  x.add("doors", "bob");
  x.orders();
  x.stop();
  BOOST_TEST(x.orders()
               == (words{"drain source", "drain ann", "drain bob", "drain sink", "stop source",
                 "close source", "stop ann", "stop bob", "stop sink", "close ann", "close bob",
                 "close sink"}),
    per_element());
  BOOST_TEST(x.is_done());
}

// -- stop -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(all_drain_in_reverse_over_all_levels_and_then_stop_in_reverse) {
  auto x = running{pipeline()};
  x.stop();
  BOOST_TEST(x.orders()
               == (words{"drain source", "drain second", "drain first", "drain sink", "stop source",
                 "close source", "stop second", "stop first", "stop sink", "close second",
                 "close first", "close sink"}),
    per_element());
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "all children stopped");
}

BOOST_AUTO_TEST_CASE(what_comes_before_a_group_drains_when_all_in_the_group_have) {
  auto x = running{pipeline()};
  x.of("first").drains = false;
  x.stop();
  BOOST_TEST(x.orders() == (words{"drain source", "drain second", "drain first"}), per_element());
  x.drained("first");
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_group_that_does_not_drain_in_time_is_not_waited_for) {
  auto filters = supervision_rules{};
  filters.drain_deadline = 3s;
  auto x = running{pipeline(filters)};
  x.of("first").drains = false;
  x.stop();
  x.pass(3s);
  BOOST_TEST(x.times_of("drain sink") == moments{3s}, per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_child_that_crashes_while_its_group_drains_comes_back_and_drains) {
  auto x = running{pipeline()};
  x.of("first").drains = false;
  x.stop();
  x.crash("first");
  x.of("first").drains = true;
  x.orders();
  x.pass(1s);
  BOOST_TEST(x.times_of("start first") == (moments{0s, 1s}), per_element());
  BOOST_TEST(x.times_of("drain sink") == moments{1s}, per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_group_that_crashes_while_the_tree_drains_comes_back_and_drains) {
  auto x = running{nest()};
  x.of("a").drains = false;
  x.stop();
  x.crash("a");
  x.of("a").drains = true;
  x.pass(1s);
  BOOST_TEST(x.times_of("drain a") == (moments{0s, 1s}), per_element());
  BOOST_TEST(x.is_done());
  BOOST_TEST(!x.machine.has_failed());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(case_11_a_group_that_backs_off_is_stopped_at_once_and_never_starts) {
  auto x = running{nest()};
  x.crash("a");
  x.stop();
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.of("a").times_closed == 1);
  x.pass(1h);
  BOOST_TEST(x.times_of("start a") == moments{0s}, per_element());
}

BOOST_AUTO_TEST_CASE(who_ignores_the_stop_in_a_group_is_abandoned_by_it_and_named_in_the_report) {
  auto x = running{nest()};
  x.of("a").stops = x.of("c").stops = false;
  x.stop();
  x.pass(1h);
  BOOST_TEST(x.times_of("abandon c") == moments{5s}, per_element());
  BOOST_TEST(x.times_of("abandon a") == moments{10s}, per_element());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: c, a");
  BOOST_TEST(x.count(notice_id::shutdown_report) == 1u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(the_deadline_of_the_root_is_everybodys) {
  auto root = supervision_rules{};
  root.total_deadline = 4s;
  auto x = running{nest(), root};
  for (const auto* id : {"a", "b", "c"})
    x.of(id).drains = x.of(id).stops = false;
  x.stop();
  x.pass(4s);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: c, b, a");
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(asked_a_second_time_the_stop_abandons_who_is_left_on_all_levels) {
  auto x = running{nest()};
  for (const auto* id : {"a", "b", "c"})
    x.of(id).drains = false;
  x.stop();
  x.orders();
  x.stop();
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.times_of("abandon a").size() == 1u);
  BOOST_TEST(x.times_of("close a").size() == 1u);
  BOOST_TEST(x.machine.abandoned().size() == 3u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(abandon_lets_go_of_everybody_at_once) {
  auto x = running{pipeline()};
  x.abandon();
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.times_of("stop first").empty());
  BOOST_TEST(x.machine.abandoned().size() == 4u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_tree_that_never_started_is_closed_by_its_stop) {
  auto x = driver{pipeline()};
  x.stop();
  BOOST_TEST(x.is_done());
  for (const auto* id : {"sink", "first", "second", "source"})
    BOOST_TEST(x.of(id).times_closed == 1);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_stop_while_a_group_starts_ends_with_it_stopped) {
  auto x = driver{pipeline()};
  x.of("first").ready_at_once = false;
  x.start();
  x.stop();
  x.pass(20s);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.times_of("start second").empty());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_tree_that_is_done_starts_anew) {
  auto x = running{pipeline()};
  x.stop();
  x.start();
  BOOST_TEST(x.machine.is_ready());
  BOOST_TEST(x.child("first").incarnation() == 2u);
  BOOST_TEST(x.complaints() == "");
}

// -- health ---------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_tree_is_ready_when_every_required_child_in_it_serves) {
  auto x = running{nest()};
  x.crash("b");
  BOOST_TEST(!x.machine.is_ready());
  x.pass(1s);
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(what_is_in_a_group_that_is_not_required_does_not_count) {
  auto plan =
    tree_plan{}.group(optional("extras")).child("c").group("inner", "extras").child("a", "inner");
  auto x = running{plan};
  x.crash("a");
  BOOST_TEST(x.machine.is_ready());
  x.crash("c");
  BOOST_TEST(!x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(groups_are_not_counted_as_children) {
  auto x = running{nest()};
  BOOST_TEST(x.machine.count(child_state::ready) == 3u);
  x.crash("a");
  BOOST_TEST(x.machine.count(child_state::ready) == 2u);
  BOOST_TEST(x.machine.count(child_state::backing_off) == 0u);
  BOOST_TEST(x.machine.count(child_state::failed) == 1u);
}

BOOST_AUTO_TEST_CASE(the_earliest_of_all_groups_is_due_first) {
  auto x = running{pipeline()};
  x.crash("first");
  x.pass(500ms);
  x.crash("sink");
  BOOST_TEST((x.machine.next_due() == x.now + 500ms));
}

BOOST_AUTO_TEST_CASE(notices_and_changes_name_places) {
  auto x = running{pipeline()};
  x.machine.on_crashed(4, 1, "broken", x.now);
  BOOST_TEST(x.machine.take_changed() == std::vector<std::size_t>{4}, per_element());
  BOOST_TEST((x.machine.take_notices().front().child == std::optional<child_key>{4}));
}

BOOST_AUTO_TEST_CASE(progress_is_shown_as_a_change) {
  auto x = running{pipeline()};
  for (auto i = 0; i < 3; ++i)
    x.machine.on_progress(3, x.now);
  BOOST_TEST(x.machine.take_changed() == std::vector<std::size_t>{3}, per_element());
}

BOOST_AUTO_TEST_SUITE_END()
