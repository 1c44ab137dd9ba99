#include <boost/test/unit_test.hpp>

#include "ordered_group_driver.hpp"

using namespace actors;
using namespace std::chrono_literals;
using boost::test_tools::per_element;
using phase = ordered_group::phase;

namespace ordered_group_tests {

using driver = ordered_group_driver;

supervision_rules rules_of(restart_strategy strategy) {
  auto rules = supervision_rules{};
  rules.strategy = strategy;
  return rules;
}

/// One child that has been started.
driver started_alone(restart_type type) {
  auto x = driver{{}, {child_of("a", type)}};
  x.start();
  x.orders();
  return x;
}

/// Sink, filter and source, running.
driver started_pipeline(supervision_rules rules = {}) {
  auto x = driver{rules, children_of({"sink", "filter", "source"})};
  x.start();
  x.orders();
  return x;
}

driver started_group(restart_strategy strategy, std::vector<child_rules> children) {
  auto x = driver{rules_of(strategy), std::move(children)};
  x.start();
  x.orders();
  return x;
}

} // namespace ordered_group_tests

BOOST_AUTO_TEST_SUITE(ordered_group_tests)

// -- start ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(nothing_happens_before_the_start) {
  auto x = driver{{}, children_of({"a"})};
  x.pass(1h);
  BOOST_TEST(x.orders().empty());
  BOOST_TEST((x.machine.now_in() == phase::idle));
}

BOOST_AUTO_TEST_CASE(each_child_starts_when_the_one_before_is_ready) {
  auto x = driver{{}, children_of({"sink", "filter", "source"})};
  for (auto& how : x.behaviors)
    how.ready_at_once = false;
  x.start();
  BOOST_TEST(x.orders() == words{"start sink"}, per_element());
  x.ready("sink");
  BOOST_TEST(x.orders() == words{"start filter"}, per_element());
  x.ready("filter");
  BOOST_TEST(x.orders() == words{"start source"}, per_element());
}

BOOST_AUTO_TEST_CASE(the_group_is_ready_when_its_last_child_is) {
  auto x = driver{{}, children_of({"sink", "source"})};
  x.of("source").ready_at_once = false;
  x.start();
  BOOST_TEST(!x.machine.is_ready());
  x.ready("source");
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_group_with_a_child_backing_off_is_not_ready) {
  auto x = started_pipeline();
  x.crash("filter");
  BOOST_TEST(!x.machine.is_ready());
  x.pass(1s);
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_first_start_that_fails_holds_up_the_children_after_it) {
  auto x = driver{{}, children_of({"sink", "source"})};
  x.of("sink").crashing_starts = 1;
  x.start();
  x.pass(999ms);
  BOOST_TEST(x.orders() == words{"start sink"}, per_element());
  x.pass(1ms);
  BOOST_TEST(x.orders() == (words{"start sink", "start source"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_second_start_changes_nothing) {
  auto x = started_pipeline();
  x.start();
  BOOST_TEST(x.orders().empty());
}

BOOST_AUTO_TEST_CASE(a_start_without_progress_is_abandoned_charged_and_tried_again) {
  auto x = driver{{}, children_of({"a"})};
  x.of("a").ready_at_once = false;
  x.start();
  x.pass(10s);
  BOOST_TEST(x.times_of("abandon a") == moments{10s}, per_element());
  BOOST_TEST(x.count(notice_id::child_hung) == 1u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u);
  BOOST_TEST(x.child("a").attempt() == 1u);
  x.of("a").ready_at_once = true;
  x.pass(1s);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 11s}), per_element());
  BOOST_TEST(x.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_child_that_never_gets_ready_fails_after_its_attempts) {
  auto x = driver{{}, children_of({"a"})};
  x.of("a").ready_at_once = false;
  x.start();
  x.pass(6 * 10s + 31s);
  const auto starts = moments{0s, 11s, 23s, 37s, 55s, 81s};
  BOOST_TEST(x.times_of("start a") == starts, per_element());
  BOOST_TEST((x.state("a") == child_state::failed));
  BOOST_TEST(x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(progress_puts_the_start_deadline_off) {
  auto x = driver{{}, children_of({"a"})};
  x.of("a").ready_at_once = false;
  x.start();
  for (int i = 0; i < 10; ++i) {
    x.pass(9s);
    x.machine.on_progress(0, x.now);
  }
  x.ready("a");
  BOOST_TEST(x.machine.is_ready());
  BOOST_TEST(x.count(notice_id::child_hung) == 0u);
}

// -- restart types --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(case_4_a_permanent_child_that_ends_normally_starts_again) {
  auto x = started_alone(restart_type::permanent);
  x.end("a");
  x.pass(1s);
  x.end("a");
  x.pass(2s);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 1s, 3s}), per_element());
}

BOOST_AUTO_TEST_CASE(case_5_a_transient_child_that_ends_normally_is_closed_and_stays_away) {
  auto x = started_alone(restart_type::transient);
  x.end("a");
  x.pass(1h);
  BOOST_TEST(x.orders() == words{"close a"}, per_element());
  BOOST_TEST((x.child("a").state() == child_state::stopped));
}

BOOST_AUTO_TEST_CASE(case_5_a_transient_child_that_crashes_starts_again) {
  auto x = started_alone(restart_type::transient);
  x.crash("a");
  x.pass(1s);
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_6_a_temporary_child_that_ends_is_closed_and_stays_away) {
  auto x = started_alone(restart_type::temporary);
  x.end("a");
  x.pass(1h);
  BOOST_TEST(x.orders() == words{"close a"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_6_a_temporary_child_that_crashes_is_closed_and_stays_away) {
  auto x = started_alone(restart_type::temporary);
  x.crash("a");
  x.pass(1h);
  BOOST_TEST(x.orders() == words{"close a"}, per_element());
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u);
}

// -- strategies -----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(one_for_one_leaves_the_siblings_alone) {
  auto x = started_pipeline();
  x.crash("filter");
  x.pass(1s);
  BOOST_TEST(x.orders() == words{"start filter"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_8_one_for_all_stops_in_reverse_and_starts_in_order) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b", "c"}));
  x.crash("b");
  BOOST_TEST(x.orders() == (words{"stop c", "stop a"}), per_element());
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start a", "start b", "start c"}), per_element());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_group_restart_stops_one_sibling_after_the_other) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b", "c"}));
  x.of("c").stops = false;
  x.crash("b");
  BOOST_TEST(x.orders() == words{"stop c"}, per_element());
  x.stopped("c");
  BOOST_TEST(x.orders() == words{"stop a"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_group_restart_waits_until_the_last_old_instance_is_gone) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("a").stops = false;
  x.crash("b");
  x.pass(3s);
  BOOST_TEST(x.orders() == words{"stop a"}, per_element());
  x.stopped("a");
  BOOST_TEST(x.orders() == (words{"start a", "start b"}), per_element());
}

BOOST_AUTO_TEST_CASE(nobody_of_a_group_starts_while_another_is_still_stopping) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("b").stops = false;
  x.crash("a");
  x.pass(3s);
  x.machine.tick(x.now);
  x.settle();
  BOOST_TEST(x.orders() == words{"stop b"}, per_element());
  x.stopped("b");
  BOOST_TEST(x.orders() == (words{"start a", "start b"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_group_restart_waits_for_each_to_be_ready) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("a").ready_at_once = false;
  x.crash("b");
  x.pass(5s);
  BOOST_TEST(x.orders() == (words{"stop a", "start a"}), per_element());
  x.ready("a");
  BOOST_TEST(x.orders() == words{"start b"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_9_a_member_that_fails_to_start_takes_the_started_ones_back) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("b").crashing_starts = 1;
  x.crash("a");
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"stop b", "start a", "start b", "stop a"}), per_element());
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start a", "start b"}), per_element());
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_member_that_fails_to_start_is_charged_and_its_siblings_are_not) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("b").crashing_starts = 1;
  x.crash("a");
  x.pass(2s);
  BOOST_TEST(x.child("a").attempt() == 1u);
  BOOST_TEST(x.child("b").attempt() == 1u);
}

BOOST_AUTO_TEST_CASE(a_bystander_of_a_group_restart_is_not_charged) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.crash("a");
  x.pass(1s);
  BOOST_TEST(x.child("b").incarnation() == 2u);
  BOOST_TEST(x.child("b").attempt() == 0u);
}

BOOST_AUTO_TEST_CASE(case_10_rest_for_one_leaves_those_before_alone) {
  auto x = started_group(restart_strategy::rest_for_one, children_of({"a", "b", "c"}));
  x.crash("b");
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"stop c", "start b", "start c"}), per_element());
  BOOST_TEST(x.child("a").incarnation() == 1u);
}

BOOST_AUTO_TEST_CASE(a_group_restart_waits_as_long_as_its_slowest_member) {
  auto x = started_group(restart_strategy::rest_for_one, children_of({"a", "b"}));
  x.crash("b");
  x.pass(1s);
  x.crash("b"); // due at 3 s
  x.pass(500ms);
  x.crash("a"); // alone it would be due at 2.5 s
  x.pass(10s);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 3s}), per_element());
  BOOST_TEST(x.times_of("start b") == (moments{0s, 1s, 3s}), per_element());
}

BOOST_AUTO_TEST_CASE(a_temporary_bystander_is_removed_and_closed) {
  auto x = started_group(
    restart_strategy::one_for_all, {child_of("a"), child_of("b", restart_type::temporary)});
  x.crash("a");
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"stop b", "close b", "start a"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_sibling_that_crashes_while_told_to_stop_is_not_charged) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("a").stops = false;
  x.crash("b");
  x.crash("a");
  x.pass(1s);
  BOOST_TEST(x.child("a").attempt() == 0u);
  BOOST_TEST(x.orders() == (words{"stop a", "start a", "start b"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_permanent_sibling_that_ends_when_told_to_stop_has_not_crashed) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("a").stops = false;
  x.crash("b");
  x.end("a");
  BOOST_TEST(x.count(notice_id::child_crashed) == 1u);
  BOOST_TEST(x.child("a").attempt() == 0u);
}

BOOST_AUTO_TEST_CASE(a_sibling_that_crashes_before_its_turn_to_stop_does_not_hold_up_the_group) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b", "c"}));
  x.of("b").stops = false;
  x.crash("c");
  x.crash("a"); // b is stopping, a's turn has not come
  x.stopped("b");
  x.pass(10s);
  BOOST_TEST(x.orders() == (words{"stop b", "start a", "start b", "start c"}), per_element());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_sibling_that_had_ended_does_not_hold_up_the_group) {
  auto x = started_group(
    restart_strategy::one_for_all, {child_of("a", restart_type::transient), child_of("b")});
  x.end("a");
  x.crash("b");
  x.pass(10s);
  BOOST_TEST(x.times_of("start b") == (moments{0s, 1s}), per_element());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_sibling_that_ignores_its_stop_is_let_go_at_its_deadline_and_replaced) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("a").stops = false;
  x.crash("b");
  x.pass(5s);
  BOOST_TEST(x.orders() == (words{"stop a", "abandon a", "start a", "start b"}), per_element());
  BOOST_TEST(x.times_of("abandon a") == moments{5s}, per_element());
  BOOST_TEST(x.machine.abandoned() == words{"a"}, per_element());
  BOOST_TEST(x.child("a").attempt() == 0u); // as little as any other bystander
  BOOST_TEST(x.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_temporary_sibling_that_ignores_its_stop_is_let_go_and_holds_nobody_up) {
  auto x = started_group(
    restart_strategy::one_for_all, {child_of("a", restart_type::temporary), child_of("b")});
  x.of("a").stops = false;
  x.crash("b");
  x.pass(5s);
  BOOST_TEST(x.orders() == (words{"stop a", "abandon a", "close a", "start b"}), per_element());
  BOOST_TEST((x.state("a") == child_state::stopped));
  BOOST_TEST(x.is_ready());
}

BOOST_AUTO_TEST_CASE(siblings_that_ignore_their_stops_count_against_the_abandoned_that_may_be) {
  auto rules = rules_of(restart_strategy::one_for_all);
  rules.abandoned_max = 1;
  auto x = driver{rules, children_of({"a", "b"})};
  x.start();
  x.of("a").stops = false;
  x.crash("b");
  x.pass(5s);
  BOOST_TEST(!x.machine.has_failed());
  x.crash("b");
  x.pass(5s);
  BOOST_TEST(x.machine.has_failed());
  BOOST_TEST((x.state("a") == child_state::failed));
}

// Or it would start again before those that it needs.
BOOST_AUTO_TEST_CASE(a_sibling_that_gets_ready_before_its_stop_still_starts_again_in_its_turn) {
  auto rules = rules_of(restart_strategy::one_for_all);
  rules.on_failure = escalation::isolate;
  rules.budget.restarts_max = 3;
  auto x = driver{rules, children_of({"a", "b", "c"})};
  x.start();
  for (int i = 0; i < 3; ++i) {
    x.crash("b");
    x.pass(16s);
  }
  x.crash("b"); // isolated
  x.pass(1h);
  x.of("b").ready_at_once = false;
  BOOST_TEST(x.reset("b")); // b starts, while a and c serve
  x.of("c").stops = false;
  x.crash("a");
  x.ready("b"); // but c has not stopped yet
  x.of("a").ready_at_once = false;
  x.orders();
  x.stopped("c");
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"stop b", "start a"}), per_element());
  x.ready("a");
  BOOST_TEST(x.orders() == words{"start b"}, per_element());
  x.ready("b");
  BOOST_TEST(x.orders() == words{"start c"}, per_element());
}

BOOST_AUTO_TEST_CASE(
  a_sibling_that_ignores_its_stop_does_not_keep_the_clock_busy_while_others_stop) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b", "c"}));
  x.of("a").stops = x.of("c").stops = false;
  x.crash("c"); // a is told to stop, and does not
  x.reset("b");
  x.reset("c");
  x.pass(2s);
  x.crash("b"); // c is told to stop, and does not
  x.pass(6s);
  BOOST_TEST(x.times_of("abandon a") == moments{5s}, per_element());
  BOOST_TEST(x.times_of("abandon c") == moments{7s}, per_element());
  BOOST_TEST(x.is_ready());
  BOOST_TEST(x.complaints() == "");
}

// -- backoff and giving up ------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(case_11_a_stop_while_backing_off_ends_at_once_and_for_good) {
  auto x = started_alone(restart_type::permanent);
  x.crash("a");
  x.stop();
  BOOST_TEST(x.is_done());
  x.pass(1h);
  BOOST_TEST(x.orders() == words{"close a"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_14_six_crashes_start_at_0_1_3_7_15_31_seconds_and_never_again) {
  auto x = driver{{}, children_of({"a"})};
  x.of("a").crashing_starts = -1;
  x.start();
  x.pass(31s);
  const auto starts = moments{0s, 1s, 3s, 7s, 15s, 31s};
  BOOST_TEST(x.times_of("start a") == starts, per_element());
  BOOST_TEST((x.child("a").state() == child_state::failed));
  x.pass(10min);
  BOOST_TEST(x.times_of("start a").size() == 6u);
}

BOOST_AUTO_TEST_CASE(case_14_the_fatal_error_is_told_exactly_once) {
  auto x = driver{{}, children_of({"a"})};
  x.of("a").crashing_starts = -1;
  x.start();
  x.pass(10min);
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.count(notice_id::child_failed) == 1u);
  BOOST_TEST(x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(case_15_starts_that_fail_wait_their_turn) {
  auto x = started_alone(restart_type::permanent);
  x.of("a").crashing_starts = 2;
  x.crash("a");
  x.pass(1h);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 1s, 3s, 7s}), per_element());
}

BOOST_AUTO_TEST_CASE(case_16_after_31_9_seconds_the_count_goes_on) {
  auto x = started_alone(restart_type::permanent);
  x.crash("a");
  x.pass(1s + 31'900ms);
  x.crash("a");
  BOOST_TEST((x.last(notice_id::child_backing_off).delay == 2s));
}

BOOST_AUTO_TEST_CASE(case_16_after_32_1_seconds_the_count_begins_anew) {
  auto x = started_alone(restart_type::permanent);
  x.crash("a");
  x.pass(1s + 32'100ms);
  BOOST_TEST(x.child("a").attempt() == 0u);
  x.crash("a");
  BOOST_TEST((x.last(notice_id::child_backing_off).delay == 1s));
}

BOOST_AUTO_TEST_CASE(case_17_a_stale_stable_timer_resets_nothing) {
  auto x = started_alone(restart_type::permanent);
  x.crash("a");
  x.pass(1s); // its stable timer is due at 33 s
  x.pass(10s);
  x.crash("a");
  x.pass(23s); // 34 s; up again since 13 s
  BOOST_TEST(x.child("a").attempt() == 2u);
}

BOOST_AUTO_TEST_CASE(a_crash_tells_how_long_the_wait_is) {
  auto x = started_alone(restart_type::permanent);
  x.crash("a");
  const auto& told = x.last(notice_id::child_backing_off);
  BOOST_TEST((told.delay == 1s));
  BOOST_TEST(told.attempt == 1u);
  BOOST_TEST(told.incarnation == 1u);
  BOOST_TEST(x.last(notice_id::child_crashed).text == "broken");
}

BOOST_AUTO_TEST_CASE(a_child_that_fails_for_good_stops_the_others_in_reverse) {
  auto x = started_pipeline();
  x.of("filter").crashing_starts = -1;
  x.crash("filter");
  x.pass(15s);
  x.orders();
  x.pass(16s);
  const auto expected = words{"start filter", "close filter", "drain source", "drain sink",
    "stop source", "close source", "stop sink", "close sink"};
  BOOST_TEST(x.orders() == expected, per_element());
  BOOST_TEST(x.is_done());
  BOOST_TEST((x.child("filter").state() == child_state::failed));
}

BOOST_AUTO_TEST_CASE(case_7_a_budget_of_two_refuses_the_third_restart_and_fails_once) {
  auto rules = supervision_rules{};
  rules.budget = {2, 10min};
  auto x = started_pipeline(rules);
  for (int i = 0; i < 2; ++i) {
    x.crash("source");
    x.pass(5s);
  }
  x.crash("filter");
  x.pass(1h);
  BOOST_TEST(x.count(notice_id::group_budget_exceeded) == 1u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.times_of("start filter").size() == 1u);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(a_child_that_exceeds_the_budget_is_closed_once) {
  auto rules = supervision_rules{};
  rules.budget = {0, 1min};
  auto x = driver{rules, children_of({"a"})};
  x.start();
  x.crash("a");
  BOOST_TEST(x.times_closed("a") == 1);
}

BOOST_AUTO_TEST_CASE(a_second_failure_while_stopping_is_not_a_second_fatal_error) {
  auto rules = supervision_rules{};
  rules.budget = {0, 1min};
  auto x = started_pipeline(rules);
  for (auto& how : x.behaviors)
    how.drains = how.stops = false;
  x.crash("filter");
  x.crash("sink");
  x.crash("source");
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.count(notice_id::child_failed) == 1u);
}

// -- reports --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(reports_of_an_earlier_incarnation_are_ignored) {
  auto x = started_alone(restart_type::permanent);
  x.crash("a");
  x.pass(1s);
  x.orders();
  x.notices.clear();
  x.machine.on_crashed(0, 1, "old", x.now);
  x.machine.on_ended(0, 1, x.now);
  x.machine.on_trouble(0, 1, trouble::reported, "old", x.now);
  x.machine.on_ready(0, 1, x.now);
  x.machine.on_stopped(0, 1, x.now);
  x.settle();
  BOOST_TEST(x.orders().empty());
  BOOST_TEST(x.notices.empty());
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_degradation_is_told_once_an_edge) {
  auto x = started_alone(restart_type::permanent);
  for (int i = 0; i < 3; ++i)
    x.machine.on_trouble(0, 1, trouble::reported, "slow", x.now);
  for (int i = 0; i < 3; ++i)
    x.machine.on_trouble(0, 1, trouble::reported, "", x.now);
  x.pass(2s);
  BOOST_TEST(x.count(notice_id::child_degraded) == 1u);
  BOOST_TEST(x.last(notice_id::child_degraded).text == "slow");
  BOOST_TEST(x.count(notice_id::child_recovered) == 1u);
}

BOOST_AUTO_TEST_CASE(a_recovery_is_told_when_all_has_been_well_for_two_seconds) {
  auto x = started_alone(restart_type::permanent);
  x.machine.on_trouble(0, 1, trouble::reported, "slow", x.now);
  x.machine.on_trouble(0, 1, trouble::reported, "", x.now);
  x.pass(2s - 1ms);
  BOOST_TEST((x.state("a") == child_state::degraded));
  x.pass(1ms);
  BOOST_TEST((x.state("a") == child_state::ready));
  BOOST_TEST(!x.machine.next_due().has_value());
}

BOOST_AUTO_TEST_CASE(a_child_that_flaps_is_told_degraded_once) {
  auto x = started_alone(restart_type::permanent);
  for (int i = 0; i < 10; ++i) {
    x.machine.on_trouble(0, 1, trouble::late, "in work for 15s", x.now);
    x.pass(1s);
    x.machine.on_trouble(0, 1, trouble::late, "", x.now);
    x.pass(1s);
  }
  x.settle();
  BOOST_TEST(x.count(notice_id::child_degraded) == 1u);
  BOOST_TEST(x.count(notice_id::child_recovered) == 0u);
}

BOOST_AUTO_TEST_CASE(pressure_degrades_a_child_when_it_lasts_for_five_seconds) {
  auto x = started_alone(restart_type::permanent);
  x.machine.on_trouble(0, 1, trouble::pressure, "its mailbox is nearly full", x.now);
  x.pass(5s - 1ms);
  BOOST_TEST((x.state("a") == child_state::ready));
  x.pass(1ms);
  BOOST_TEST((x.state("a") == child_state::degraded));
}

BOOST_AUTO_TEST_CASE(a_trouble_reported_while_starting_is_told_once_it_is_ready) {
  auto x = driver{{}, children_of({"a"})};
  x.of("a").ready_at_once = false;
  x.start();
  x.machine.on_trouble(0, 1, trouble::reported, "no peer", x.now);
  BOOST_TEST((x.state("a") == child_state::starting));
  x.ready("a");
  BOOST_TEST((x.state("a") == child_state::degraded));
}

BOOST_AUTO_TEST_CASE(what_an_instance_reported_is_not_held_against_its_successor) {
  auto x = started_alone(restart_type::permanent);
  x.machine.on_trouble(0, 1, trouble::reported, "no peer", x.now);
  x.crash("a");
  x.pass(1s);
  BOOST_TEST((x.state("a") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(a_degraded_child_still_counts_as_ready) {
  auto x = started_alone(restart_type::permanent);
  x.machine.on_trouble(0, 1, trouble::reported, "slow", x.now);
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(what_was_taken_is_not_told_again) {
  auto machine = ordered_group{{}, children_of({"a"})};
  machine.start({});
  BOOST_TEST(machine.take_orders().size() == 1u);
  BOOST_TEST(machine.take_orders().empty());
  BOOST_TEST(machine.take_notices().size() == 1u);
  BOOST_TEST(machine.take_notices().empty());
}

// -- stop -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_stop_drains_all_in_reverse_and_then_stops_all_in_reverse) {
  auto x = started_pipeline();
  x.stop();
  const auto expected = words{"drain source", "drain filter", "drain sink", "stop source",
    "close source", "stop filter", "close filter", "stop sink", "close sink"};
  BOOST_TEST(x.orders() == expected, per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(each_drain_waits_for_the_one_before) {
  auto x = started_pipeline();
  for (auto& how : x.behaviors)
    how.drains = false;
  x.stop();
  BOOST_TEST(x.orders() == words{"drain source"}, per_element());
  x.drained("source");
  BOOST_TEST(x.orders() == words{"drain filter"}, per_element());
  x.drained("filter");
  BOOST_TEST(x.orders() == words{"drain sink"}, per_element());
  x.drained("sink");
  BOOST_TEST(x.orders().at(0) == "stop source");
}

BOOST_AUTO_TEST_CASE(a_drain_reported_by_an_earlier_incarnation_is_ignored) {
  auto x = started_alone(restart_type::permanent);
  x.crash("a");
  x.pass(1s);
  x.of("a").drains = false;
  x.stop();
  x.machine.on_drained(0, 1, x.now);
  x.settle();
  BOOST_TEST(x.times_of("stop a").empty());
}

BOOST_AUTO_TEST_CASE(each_stop_waits_for_the_one_before) {
  auto x = started_pipeline();
  for (auto& how : x.behaviors)
    how.stops = false;
  x.stop();
  x.orders();
  x.stopped("source");
  BOOST_TEST(x.orders() == (words{"close source", "stop filter"}), per_element());
  x.stopped("filter");
  BOOST_TEST(x.orders() == (words{"close filter", "stop sink"}), per_element());
  BOOST_TEST(!x.is_done());
  x.stopped("sink");
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_clean_stop_is_no_failure_and_is_reported_once) {
  auto x = started_pipeline();
  x.stop();
  BOOST_TEST(!x.machine.has_failed());
  BOOST_TEST(x.machine.abandoned().empty());
  BOOST_TEST(x.count(notice_id::draining) == 1u);
  BOOST_TEST(x.count(notice_id::shutdown_report) == 1u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u);
}

BOOST_AUTO_TEST_CASE(a_stop_before_the_start_is_done_at_once) {
  auto x = driver{{}, children_of({"a", "b"})};
  x.stop();
  BOOST_TEST(x.is_done());
  x.pass(1h);
  BOOST_TEST(x.times_of("start a").empty());
}

BOOST_AUTO_TEST_CASE(a_child_still_starting_is_stopped_without_a_drain) {
  auto x = driver{{}, children_of({"sink", "source"})};
  x.of("source").ready_at_once = false;
  x.start();
  x.orders();
  x.stop();
  const auto expected =
    words{"drain sink", "stop source", "close source", "stop sink", "close sink"};
  BOOST_TEST(x.orders() == expected, per_element());
}

BOOST_AUTO_TEST_CASE(a_child_whose_turn_to_start_has_not_come_is_closed) {
  auto x = driver{{}, children_of({"sink", "source"})};
  x.of("sink").ready_at_once = false;
  x.start();
  x.stop();
  BOOST_TEST(x.times_closed("source") == 1);
  BOOST_TEST(x.times_of("start source").empty());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_drain_that_never_ends_is_given_up_after_ten_seconds) {
  auto x = started_pipeline();
  x.of("filter").drains = false;
  x.stop();
  x.pass(1min);
  BOOST_TEST(x.times_of("stop source") == moments{10s}, per_element());
  BOOST_TEST(x.times_of("drain sink").empty());
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.machine.abandoned().empty());
}

BOOST_AUTO_TEST_CASE(case_3_a_child_that_ignores_its_stop_is_abandoned_and_named) {
  auto rules = supervision_rules{};
  rules.stop_deadline = 1s;
  auto x = started_pipeline(rules);
  x.of("filter").stops = false;
  x.stop();
  x.pass(999ms);
  BOOST_TEST(x.times_of("abandon filter").empty());
  x.pass(1ms);
  BOOST_TEST(x.times_of("abandon filter") == moments{1s}, per_element());
  BOOST_TEST(x.times_of("stop sink") == moments{1s}, per_element());
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.machine.abandoned() == words{"filter"}, per_element());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: filter");
}

BOOST_AUTO_TEST_CASE(a_child_that_stops_in_time_is_not_in_the_report) {
  auto x = started_pipeline();
  x.of("filter").stops = false;
  x.stop();
  x.pass(4'999ms);
  x.stopped("filter");
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.count(notice_id::child_abandoned) == 0u);
}

BOOST_AUTO_TEST_CASE(a_stop_never_takes_longer_than_the_total_deadline) {
  auto x = driver{{}, children_of({"a", "b", "c", "d", "e"})};
  for (auto& how : x.behaviors)
    how.drains = how.stops = false;
  x.start();
  x.stop();
  x.pass(20s - 1ms);
  BOOST_TEST(!x.is_done());
  x.pass(1ms);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.machine.abandoned() == (words{"e", "d", "c", "b", "a"}), per_element());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: e, d, c, b, a");
}

BOOST_AUTO_TEST_CASE(a_total_deadline_shorter_than_the_drain_ends_the_drain) {
  auto rules = supervision_rules{};
  rules.total_deadline = 3s;
  auto x = started_pipeline(rules);
  for (auto& how : x.behaviors)
    how.drains = how.stops = false;
  x.stop();
  x.pass(3s);
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_second_stop_abandons_all_at_once) {
  auto x = started_pipeline();
  for (auto& how : x.behaviors)
    how.drains = how.stops = false;
  x.stop();
  x.pass(1s);
  x.orders();
  x.stop();
  BOOST_TEST(x.is_done());
  auto orders = x.orders();
  std::erase_if(orders, [](const std::string& text) { return text.starts_with("close"); });
  BOOST_TEST(orders == (words{"abandon source", "abandon filter", "abandon sink"}), per_element());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: source, filter, sink");
}

BOOST_AUTO_TEST_CASE(a_second_stop_during_the_stops_spares_those_already_gone) {
  auto x = started_pipeline();
  x.of("filter").stops = false;
  x.stop();
  x.stop();
  BOOST_TEST(x.machine.abandoned() == (words{"filter", "sink"}), per_element());
}

BOOST_AUTO_TEST_CASE(after_the_end_neither_reports_nor_time_nor_stops_do_anything) {
  auto x = started_pipeline();
  x.stop();
  x.orders();
  x.notices.clear();
  x.crash("sink");
  x.end("filter");
  x.ready("source");
  x.stop();
  x.machine.tick(x.now + 1h);
  x.settle();
  BOOST_TEST(x.orders().empty());
  BOOST_TEST(x.notices.empty());
  BOOST_TEST(!x.machine.next_due().has_value());
}

BOOST_AUTO_TEST_CASE(reports_of_an_abandoned_child_are_ignored) {
  auto x = started_pipeline();
  x.of("source").stops = false;
  x.of("filter").stops = false;
  x.stop();
  x.pass(5s);
  x.orders();
  x.notices.clear();
  x.stopped("source");
  x.crash("source");
  BOOST_TEST(x.orders().empty());
  BOOST_TEST(x.notices.empty());
}

BOOST_AUTO_TEST_CASE(a_child_that_crashes_while_it_drains_starts_once_more_and_drains_again) {
  auto x = started_pipeline();
  for (auto& how : x.behaviors)
    how.drains = false;
  x.stop();
  x.orders();
  x.crash("source");
  BOOST_TEST(
    x.orders() == words{}, per_element()); // the filter waits for what the source still has
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start source", "drain source"}), per_element());
  x.pass(1h);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.times_of("start source").size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_child_that_backs_off_when_its_time_to_drain_is_over_never_starts_again) {
  auto rules = supervision_rules{};
  rules.drain_deadline = 500ms;
  auto x = started_pipeline(rules);
  for (auto& how : x.behaviors)
    how.drains = false;
  x.stop();
  x.crash("source");
  x.pass(1h);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.times_of("start source").size() == 1u);
  BOOST_TEST(x.times_closed("source") == 1);
}

BOOST_AUTO_TEST_CASE(a_crash_while_stopping_counts_as_stopped) {
  auto x = started_pipeline();
  for (auto& how : x.behaviors)
    how.stops = false;
  x.stop();
  x.orders();
  x.crash("source");
  BOOST_TEST(x.orders() == (words{"close source", "stop filter"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_normal_end_while_draining_leaves_the_child_stopped) {
  auto x = started_pipeline();
  for (auto& how : x.behaviors)
    how.drains = false;
  x.stop();
  x.orders();
  x.end("source");
  BOOST_TEST(x.orders() == (words{"close source", "drain filter"}), per_element());
  BOOST_TEST((x.child("source").state() == child_state::stopped));
  BOOST_TEST(!x.child("source").next_try().has_value());
}

BOOST_AUTO_TEST_CASE(a_stop_during_a_group_restart_ends_the_restart) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("a").stops = false;
  x.crash("b");
  x.stop();
  x.stopped("a");
  BOOST_TEST(x.is_done());
  x.pass(1h);
  BOOST_TEST(x.orders() == (words{"stop a", "close b", "close a"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_sibling_that_ignores_its_stop_does_not_keep_the_clock_busy_while_draining) {
  auto rules = rules_of(restart_strategy::rest_for_one);
  auto x = driver{rules, children_of({"sink", "filter", "source"})};
  x.start();
  x.of("sink").drains = false;
  x.of("source").stops = false;
  x.crash("filter"); // source is told to stop, and does not
  x.pass(1s);
  x.stop(); // sink drains
  x.pass(6s);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_sibling_that_ignores_its_stop_does_not_keep_the_clock_busy_while_stopping) {
  auto x = started_group(restart_strategy::one_for_all, children_of({"a", "b"}));
  x.of("a").stops = x.of("b").stops = false;
  x.crash("b"); // a is told to stop, and does not
  x.reset("b");
  x.pass(1s);
  x.stop(); // b is told to stop, and does not
  x.pass(6s);
  BOOST_TEST(x.times_of("abandon a") == moments{5s}, per_element());
  BOOST_TEST(x.times_of("abandon b") == moments{6s}, per_element());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(the_total_deadline_covers_a_stop_that_a_group_restart_ordered) {
  auto rules = rules_of(restart_strategy::one_for_all);
  rules.total_deadline = 2s;
  auto x = driver{rules, children_of({"a", "b"})};
  x.start();
  x.of("a").stops = false;
  x.crash("b");
  x.stop();
  x.pass(2s);
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_child_that_had_ended_is_not_closed_again_by_the_stop) {
  auto x = driver{{}, {child_of("a"), child_of("b", restart_type::transient)}};
  x.start();
  x.end("b");
  x.stop();
  BOOST_TEST(x.times_closed("a") == 1);
  BOOST_TEST(x.times_closed("b") == 1);
}

// -- significant children -------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_normal_end_of_a_significant_child_stops_the_group_without_a_failure) {
  auto source = child_of("source", restart_type::transient);
  source.significant = true;
  auto x = driver{{}, {child_of("sink"), source}};
  x.start();
  x.end("source");
  BOOST_TEST(x.is_done());
  BOOST_TEST(!x.machine.has_failed());
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u);
  BOOST_TEST(x.times_of("drain sink").size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_normal_end_of_another_child_leaves_the_group_running) {
  auto x = driver{{}, {child_of("sink"), child_of("source", restart_type::transient)}};
  x.start();
  x.end("source");
  BOOST_TEST((x.machine.now_in() == phase::running));
}

BOOST_AUTO_TEST_CASE(a_crash_of_a_significant_child_restarts_it) {
  auto source = child_of("source", restart_type::transient);
  source.significant = true;
  auto x = driver{{}, {child_of("sink"), source}};
  x.start();
  x.crash("source");
  x.pass(1s);
  BOOST_TEST(x.times_of("start source") == (moments{0s, 1s}), per_element());
  BOOST_TEST((x.machine.now_in() == phase::running));
}

// -- a restart that is asked for ------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_child_that_serves_is_restarted_as_asked_and_charged_nothing) {
  auto x = started_pipeline();
  BOOST_TEST(x.restart("filter"));
  BOOST_TEST(x.orders() == (words{"stop filter", "start filter"}), per_element());
  BOOST_TEST(x.child("filter").attempt() == 0u);
  BOOST_TEST(x.child("filter").incarnation() == 2u);
  BOOST_TEST(x.child("sink").incarnation() == 1u);
  BOOST_TEST(x.is_ready());
}

BOOST_AUTO_TEST_CASE(a_restart_waits_until_the_instance_has_stopped) {
  auto x = started_pipeline();
  x.of("sink").stops = false;
  BOOST_TEST(x.restart("sink"));
  BOOST_TEST(x.orders() == (words{"stop sink"}), per_element());
  BOOST_TEST(!x.restart("sink")); // it is on its way
  x.stopped("sink");
  BOOST_TEST(x.orders() == (words{"start sink"}), per_element());
}

BOOST_AUTO_TEST_CASE(an_instance_that_does_not_stop_is_let_go_and_restarted) {
  auto x = started_pipeline();
  x.of("sink").stops = false;
  x.restart("sink");
  x.pass(6s);
  const auto orders = x.orders();
  BOOST_TEST(orders.front() == "stop sink");
  BOOST_TEST((std::find(orders.begin(), orders.end(), "abandon sink") != orders.end()));
  x.pass(20s);
  BOOST_TEST((x.state("sink") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(two_restarts_at_once_are_carried_out_the_last_first_stopped) {
  auto x = started_pipeline();
  x.of("source").stops = x.of("sink").stops = false;
  x.restart("sink");
  x.restart("source");
  x.stopped("source");
  x.stopped("sink");
  BOOST_TEST((x.state("sink") == child_state::ready));
  BOOST_TEST((x.state("source") == child_state::ready));
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_stop_overtakes_a_restart) {
  auto x = started_pipeline();
  x.of("sink").stops = false;
  x.restart("sink");
  x.stop();
  x.stopped("sink");
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(what_does_not_serve_is_not_restarted) {
  auto x = started_pipeline();
  x.crash("filter");
  BOOST_TEST(!x.restart("filter"));
  x.stop();
  BOOST_TEST(!x.restart("sink"));
}

// -- failures of children with rules of their own
// ---------------------------------------------------

BOOST_AUTO_TEST_CASE(a_child_may_fail_for_itself_where_the_group_would_fail_with_it) {
  auto children = children_of({"sink", "source"});
  children[0].on_failure = escalation::isolate;
  auto x = driver{{}, children};
  x.start();
  for (auto i = 0; i < 6; ++i) {
    if (x.is_alive(0))
      x.crash("sink");
    x.pass(20s);
  }
  BOOST_TEST((x.state("sink") == child_state::failed));
  BOOST_TEST((x.state("source") == child_state::ready));
  BOOST_TEST(!x.is_done());
}

BOOST_AUTO_TEST_SUITE_END()
