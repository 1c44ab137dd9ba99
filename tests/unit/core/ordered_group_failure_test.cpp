#include <boost/test/unit_test.hpp>

#include "ordered_group_driver.hpp"

using namespace actors;
using namespace std::chrono_literals;
using boost::test_tools::per_element;
using phase = ordered_group::phase;

namespace ordered_group_failure_tests {

using driver = ordered_group_driver;

supervision_rules rules_of(
  escalation on_failure, restart_strategy strategy = restart_strategy::one_for_one) {
  auto rules = supervision_rules{};
  rules.strategy = strategy;
  rules.on_failure = on_failure;
  return rules;
}

driver started(supervision_rules rules, std::vector<child_rules> children,
  group_position position = group_position::root) {
  auto x = driver{rules, std::move(children), position};
  x.start();
  x.orders();
  return x;
}

/// It fails at its first crash.
child_rules brittle(const std::string& id) {
  auto rules = child_of(id);
  rules.restart.backoff.attempts_max = 0;
  return rules;
}

/// It may end by itself, and that counts.
child_rules significant(const std::string& id) {
  auto rules = child_of(id, restart_type::transient);
  rules.significant = true;
  return rules;
}

supervision_rules ending_with(auto_shutdown when) {
  auto rules = supervision_rules{};
  rules.ends_with = when;
  return rules;
}

} // namespace ordered_group_failure_tests

BOOST_AUTO_TEST_SUITE(ordered_group_failure_tests)

// -- children that hang ---------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_child_that_hangs_is_let_go_at_once_and_replaced_after_its_wait) {
  auto x = started({}, children_of({"a", "b"}));
  x.hang("a");
  BOOST_TEST(x.orders() == words{"abandon a"}, per_element());
  BOOST_TEST((x.state("a") == child_state::backing_off));
  x.pass(1s);
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST(x.child("a").incarnation() == 2u);
  BOOST_TEST(x.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_child_that_hangs_is_charged_as_if_it_had_crashed) {
  auto x = started({}, children_of({"a"}));
  for (int i = 0; i < 6; ++i) {
    x.hang("a");
    x.pass(16s);
  }
  BOOST_TEST(x.times_of("start a") == (moments{0s, 1s, 18s, 36s, 56s, 80s}), per_element());
  BOOST_TEST(x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(who_hangs_is_told_with_where_and_who_was_abandoned) {
  auto x = started({}, children_of({"a"}));
  x.hang("a");
  BOOST_TEST(x.last(notice_id::child_hung).text == "reading");
  BOOST_TEST(x.last(notice_id::child_abandoned).incarnation == 1u);
  BOOST_TEST((x.last(notice_id::child_backing_off).delay == 1s));
}

BOOST_AUTO_TEST_CASE(a_hang_reported_of_an_earlier_incarnation_is_ignored) {
  auto x = started({}, children_of({"a"}));
  x.crash("a");
  x.pass(1s);
  x.orders();
  x.machine.on_hung(0, 1, "reading", x.now);
  x.settle();
  BOOST_TEST(x.orders().empty());
  BOOST_TEST(x.machine.abandoned().empty());
}

BOOST_AUTO_TEST_CASE(a_child_that_hangs_restarts_its_group) {
  auto x =
    started(rules_of(escalation::escalate, restart_strategy::one_for_all), children_of({"a", "b"}));
  x.hang("a");
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"abandon a", "stop b", "start a", "start b"}), per_element());
}

BOOST_AUTO_TEST_CASE(with_so_many_abandoned_a_child_that_hangs_is_not_replaced_but_failed) {
  auto rules = supervision_rules{};
  rules.abandoned_max = 2;
  auto x = started(rules, children_of({"a"}));
  for (int i = 0; i < 2; ++i) {
    x.hang("a");
    x.pass(40s);
  }
  BOOST_TEST(!x.machine.has_failed());
  x.hang("a");
  BOOST_TEST((x.state("a") == child_state::failed));
  BOOST_TEST(x.machine.failure() == "a: reading; 3 instances that hang are still around");
  BOOST_TEST(x.times_of("start a").size() == 3u);
}

BOOST_AUTO_TEST_CASE(
  with_so_many_abandoned_a_group_restart_does_not_replace_the_one_that_hangs_either) {
  auto rules = rules_of(escalation::restart_group);
  rules.abandoned_max = 1;
  auto x = started(rules, children_of({"a"}));
  for (int i = 0; i < 20 && !x.machine.has_failed(); ++i) {
    if (x.is_alive(0))
      x.hang("a");
    x.pass(1h);
  }
  BOOST_TEST(x.machine.abandoned().size() <= 2u);
}

BOOST_AUTO_TEST_CASE(an_abandoned_instance_that_ends_after_all_makes_room_for_another) {
  auto rules = supervision_rules{};
  rules.abandoned_max = 1;
  auto x = started(rules, children_of({"a", "b"}));
  x.hang("a");
  x.pass(40s);
  BOOST_TEST(x.machine.abandoned() == words{"a"}, per_element());
  x.come_back("a");
  BOOST_TEST(x.machine.abandoned().empty());
  x.hang("b");
  x.pass(40s);
  BOOST_TEST((x.state("b") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(who_came_back_is_not_in_the_shutdown_report) {
  auto x = started({}, children_of({"a", "b"}));
  x.hang("a");
  x.hang("b");
  x.come_back("a");
  x.stop();
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: b");
}

BOOST_AUTO_TEST_CASE(who_was_never_abandoned_cannot_come_back) {
  auto x = started({}, children_of({"a", "b"}));
  x.hang("b");
  BOOST_TEST(!x.machine.on_returned("a"));
  BOOST_TEST(!x.machine.on_returned("nobody"));
  BOOST_TEST(x.machine.abandoned() == words{"b"}, per_element());
}

// Each may hold a thread and its stack, however often the group starts again.
BOOST_AUTO_TEST_CASE(a_group_started_again_and_again_does_not_abandon_without_bound) {
  auto rules = supervision_rules{};
  rules.abandoned_max = 2;
  auto x = started(rules, children_of({"a"}), group_position::nested);
  x.of("a").stops = false;
  for (int i = 0; i < 10; ++i) {
    x.halt();
    x.pass(5s);
    x.start();
  }
  BOOST_TEST(x.machine.abandoned().size() <= 3u);
}

BOOST_AUTO_TEST_CASE(a_child_that_hangs_while_it_drains_is_replaced_and_drains_again) {
  auto x = started({}, children_of({"a"}));
  x.of("a").drains = false;
  x.stop();
  x.hang("a");
  x.of("a").drains = true;
  x.pass(1s);
  const auto expected = words{"drain a", "abandon a", "start a", "drain a", "stop a", "close a"};
  BOOST_TEST(x.orders() == expected, per_element());
}

BOOST_AUTO_TEST_CASE(a_child_that_hangs_while_it_stops_is_not_waited_for) {
  auto x = started({}, children_of({"a", "b"}));
  x.of("b").stops = false;
  x.stop();
  x.hang("b");
  BOOST_TEST(x.is_done());
  BOOST_TEST(!x.machine.has_failed());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: b");
}

// -- isolate --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_isolated_failure_leaves_the_siblings_running) {
  auto x = started(rules_of(escalation::isolate), {child_of("sink"), brittle("source")});
  x.crash("source");
  x.pass(1h);
  BOOST_TEST(x.orders() == words{"close source"}, per_element());
  BOOST_TEST((x.machine.now_in() == phase::running));
  BOOST_TEST((x.state("sink") == child_state::ready));
  BOOST_TEST(!x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(an_isolated_failure_is_fatal_once_since_escalation_ends_there) {
  for (auto position : {group_position::root, group_position::nested}) {
    auto x =
      started(rules_of(escalation::isolate), {child_of("sink"), brittle("source")}, position);
    x.crash("source");
    BOOST_TEST(x.count(notice_id::child_failed) == 1u);
    BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_group_with_an_isolated_child_is_not_ready_until_the_child_is_reset) {
  auto x = started(rules_of(escalation::isolate), {brittle("a"), child_of("b")});
  x.crash("a");
  BOOST_TEST(!x.is_ready());
  BOOST_TEST(x.reset("a"));
  BOOST_TEST(x.is_ready());
}

BOOST_AUTO_TEST_CASE(a_first_start_that_fails_for_good_does_not_hold_up_the_others_when_isolated) {
  auto x = driver{rules_of(escalation::isolate), {brittle("a"), child_of("b")}};
  x.of("a").crashing_starts = 1;
  x.start();
  BOOST_TEST(x.orders() == (words{"start a", "close a", "start b"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_group_restart_leaves_a_child_that_was_isolated_alone) {
  for (auto strategy : {restart_strategy::one_for_all, restart_strategy::rest_for_one}) {
    auto x = started(
      rules_of(escalation::isolate, strategy), {child_of("a"), brittle("b"), child_of("c")});
    x.crash("b");
    x.orders();
    x.crash("a");
    x.pass(1h);
    BOOST_TEST(x.orders() == (words{"stop c", "start a", "start c"}), per_element());
    BOOST_TEST((x.state("b") == child_state::failed));
    BOOST_TEST(x.complaints() == "");
  }
}

BOOST_AUTO_TEST_CASE(a_stop_leaves_a_failed_child_failed_and_does_not_close_it_again) {
  auto x = started(rules_of(escalation::isolate), {child_of("a"), brittle("b")});
  x.crash("b");
  x.stop();
  BOOST_TEST(x.is_done());
  BOOST_TEST((x.state("b") == child_state::failed));
  BOOST_TEST(x.times_closed("b") == 1);
}

BOOST_AUTO_TEST_CASE(a_budget_that_is_used_up_isolates_the_child_that_crashed_last) {
  auto rules = rules_of(escalation::isolate);
  rules.budget = {1, 10min};
  auto x = started(rules, children_of({"a", "b"}));
  x.crash("a");
  x.crash("b");
  x.pass(1s);
  BOOST_TEST(x.count(notice_id::group_budget_exceeded) == 1u);
  BOOST_TEST((x.state("a") == child_state::ready));
  BOOST_TEST((x.state("b") == child_state::failed));
  BOOST_TEST((x.machine.now_in() == phase::running));
}

// -- restart_group --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_failure_may_restart_the_whole_group_after_the_longest_wait) {
  auto x =
    started(rules_of(escalation::restart_group), {child_of("a"), brittle("b"), child_of("c")});
  x.crash("b");
  BOOST_TEST(x.orders() == (words{"stop c", "stop a"}), per_element());
  x.pass(16s - 1ms);
  BOOST_TEST(x.orders().empty());
  x.pass(1ms);
  BOOST_TEST(x.orders() == (words{"start a", "start b", "start c"}), per_element());
  BOOST_TEST(x.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_group_that_restarts_says_so_and_has_not_failed) {
  auto x = started(rules_of(escalation::restart_group), {child_of("a"), brittle("b")});
  x.crash("b");
  BOOST_TEST(x.count(notice_id::child_failed) == 1u);
  BOOST_TEST(x.count(notice_id::group_restarting) == 1u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u);
  BOOST_TEST(!x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(a_group_that_restarts_forgets_the_attempts_of_the_one_that_failed) {
  auto x = started(rules_of(escalation::restart_group), children_of({"a", "b"}));
  x.of("b").crashing_starts = 5;
  x.crash("b"); // the sixth fails it at 31 s
  x.pass(31s + 16s);
  BOOST_TEST(x.child("b").attempt() == 0u);
  BOOST_TEST((x.state("b") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(a_group_restarts_five_times_an_hour_and_then_gives_up) {
  auto x = started(rules_of(escalation::restart_group), {child_of("a"), brittle("b")});
  for (int i = 0; i < 5; ++i) {
    x.crash("b");
    x.pass(1min);
  }
  BOOST_TEST(x.is_ready());
  x.crash("b");
  BOOST_TEST(x.count(notice_id::group_restarting) == 5u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.machine.failure() == "b: broken");
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_group_that_restarts_less_often_never_gives_up) {
  auto x = started(rules_of(escalation::restart_group), {child_of("a"), brittle("b")});
  for (int i = 0; i < 50; ++i) {
    x.crash("b");
    x.pass(12min);
  }
  BOOST_TEST(x.is_ready());
}

BOOST_AUTO_TEST_CASE(a_child_that_ended_as_it_may_stays_away_when_its_group_restarts) {
  auto x = started(rules_of(escalation::restart_group),
    {child_of("a"), brittle("b"), child_of("c", restart_type::transient)});
  x.end("c");
  x.crash("b");
  x.pass(1h);
  BOOST_TEST(x.times_of("start c") == moments{0s}, per_element());
  BOOST_TEST(x.is_ready());
}

// -- escalate and shutdown ------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_failure_that_escalates_drains_and_stops_the_siblings_of_a_root) {
  auto x = started(rules_of(escalation::escalate), {child_of("a"), brittle("b")});
  x.crash("b");
  BOOST_TEST(x.orders() == (words{"close b", "drain a", "stop a", "close a"}), per_element());
  BOOST_TEST(x.machine.failure() == "b: broken");
  BOOST_TEST(!x.machine.ends_the_tree());
}

BOOST_AUTO_TEST_CASE(a_failure_that_escalates_stops_a_nested_group_which_may_start_again) {
  auto x =
    started(rules_of(escalation::escalate), {child_of("a"), brittle("b")}, group_position::nested);
  x.crash("b");
  BOOST_TEST(x.orders() == words{"stop a"}, per_element()); // the mailboxes stay open
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u); // that is for the parent to say
  BOOST_TEST(x.machine.failure() == "b: broken");
  x.start();
  BOOST_TEST(x.orders() == (words{"start a", "start b"}), per_element());
  BOOST_TEST(!x.machine.has_failed());
  BOOST_TEST(x.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_nested_group_that_is_not_started_again_is_closed_once) {
  auto x =
    started(rules_of(escalation::escalate), {child_of("a"), brittle("b")}, group_position::nested);
  x.crash("b");
  x.machine.close_all();
  x.machine.close_all();
  x.settle();
  BOOST_TEST(x.times_closed("a") == 1);
  BOOST_TEST(x.times_closed("b") == 1);
}

BOOST_AUTO_TEST_CASE(a_failure_with_shutdown_ends_the_tree) {
  for (auto position : {group_position::root, group_position::nested}) {
    auto x = started(rules_of(escalation::shutdown), {child_of("a"), brittle("b")}, position);
    x.crash("b");
    BOOST_TEST(x.machine.has_failed());
    BOOST_TEST(x.machine.ends_the_tree());
    BOOST_TEST(x.is_done());
  }
}

BOOST_AUTO_TEST_CASE(a_group_that_starts_anew_no_longer_ends_the_tree) {
  auto x = started(rules_of(escalation::shutdown), {brittle("a")});
  x.crash("a");
  x.start();
  BOOST_TEST(!x.machine.ends_the_tree());
  BOOST_TEST(x.is_ready());
}

BOOST_AUTO_TEST_CASE(a_failure_from_outside_stops_the_group_and_is_told_once) {
  auto x = started({}, children_of({"a"}));
  x.machine.fail("the disk is full", x.now);
  x.machine.fail("the disk is still full", x.now);
  x.settle();
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.machine.failure() == "the disk is full");
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
}

// -- auto_shutdown --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(with_never_the_end_of_a_significant_child_ends_nothing) {
  auto x = started(ending_with(auto_shutdown::never), {child_of("sink"), significant("a")});
  x.end("a");
  BOOST_TEST((x.machine.now_in() == phase::running));
  BOOST_TEST(x.is_ready()); // who ended as it may is not waited for
}

BOOST_AUTO_TEST_CASE(with_any_significant_the_first_end_ends_the_group) {
  auto x = started(ending_with(auto_shutdown::any_significant),
    {child_of("sink"), significant("a"), significant("b")});
  x.end("a");
  BOOST_TEST(x.is_done());
  BOOST_TEST(!x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(with_all_significant_the_last_end_ends_the_group) {
  auto x = started(ending_with(auto_shutdown::all_significant),
    {child_of("sink"), significant("a"), significant("b"), child_of("c", restart_type::transient)});
  x.end("b");
  BOOST_TEST((x.machine.now_in() == phase::running));
  x.end("a");
  BOOST_TEST(x.is_done());
  BOOST_TEST(!x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(with_all_significant_one_that_backs_off_is_waited_for) {
  auto x =
    started(ending_with(auto_shutdown::all_significant), {significant("a"), significant("b")});
  x.crash("a");
  x.end("b");
  BOOST_TEST((x.machine.now_in() == phase::running));
  x.pass(1s);
  x.end("a");
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_significant_child_that_was_told_to_stop_in_a_group_restart_ends_nothing) {
  auto rules = ending_with(auto_shutdown::any_significant);
  rules.strategy = restart_strategy::one_for_all;
  auto x = started(rules, {child_of("a"), significant("b")});
  x.of("b").stops = false;
  x.crash("a");
  x.end("b");
  x.pass(1s);
  BOOST_TEST((x.machine.now_in() == phase::running));
  BOOST_TEST(x.times_of("start b").size() == 2u);
}

// -- reset ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_failed_child_that_is_reset_starts_at_once_with_its_attempts_forgotten) {
  auto x = started(rules_of(escalation::isolate), children_of({"a"}));
  x.of("a").crashing_starts = 5;
  x.crash("a");
  x.pass(31s);
  BOOST_TEST((x.state("a") == child_state::failed));
  x.orders();
  BOOST_TEST(x.reset("a"));
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST(x.child("a").attempt() == 0u);
  BOOST_TEST(x.child("a").incarnation() == 7u);
  BOOST_TEST(x.count(notice_id::child_reset) == 1u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_child_that_ended_is_started_again_by_a_reset) {
  auto x = started({}, {child_of("a", restart_type::transient)});
  x.end("a");
  BOOST_TEST(x.reset("a"));
  BOOST_TEST((x.state("a") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(a_child_that_backs_off_is_started_at_once_by_a_reset_and_only_once) {
  auto x = started({}, children_of({"a"}));
  x.crash("a");
  x.pass(100ms);
  BOOST_TEST(x.reset("a"));
  x.pass(1min);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 100ms}), per_element());
  BOOST_TEST(x.child("a").attempt() == 0u);
}

BOOST_AUTO_TEST_CASE(a_child_that_was_reset_is_closed_again_when_it_fails_again) {
  auto x = started(rules_of(escalation::isolate), {brittle("a")});
  x.crash("a");
  x.reset("a");
  x.crash("a");
  BOOST_TEST(x.times_closed("a") == 2);
}

BOOST_AUTO_TEST_CASE(there_is_nothing_to_reset_in_a_child_that_lives) {
  auto x = driver{{}, children_of({"a", "b"})};
  x.of("a").ready_at_once = false;
  x.start();
  BOOST_TEST(!x.reset("a")); // starting
  BOOST_TEST(!x.reset("b")); // waiting for its turn
  x.ready("a");
  BOOST_TEST(!x.reset("a")); // ready
  x.machine.on_trouble(0, 1, trouble::reported, "slow", x.now);
  BOOST_TEST(!x.reset("a")); // degraded
  BOOST_TEST(x.count(notice_id::child_reset) == 0u);
  BOOST_TEST(x.times_of("start a").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_child_that_stops_for_its_group_cannot_be_reset) {
  auto x =
    started(rules_of(escalation::escalate, restart_strategy::one_for_all), children_of({"a", "b"}));
  x.of("b").stops = false;
  x.crash("a");
  BOOST_TEST(!x.reset("b"));
}

BOOST_AUTO_TEST_CASE(who_is_not_there_cannot_be_reset) {
  auto x = started({}, children_of({"a"}));
  BOOST_TEST(!x.machine.reset(1, x.now));
}

BOOST_AUTO_TEST_CASE(nobody_is_reset_while_the_group_does_not_run) {
  auto x = driver{{}, children_of({"a", "b"})};
  BOOST_TEST(!x.reset("a")); // idle
  x.start();
  x.of("a").drains = false;
  x.stop();
  x.crash("b");
  BOOST_TEST(!x.reset("b")); // draining
  x.drained("a");
  x.pass(1s);
  BOOST_TEST(x.is_done());
  BOOST_TEST(!x.reset("a"));
}

BOOST_AUTO_TEST_CASE(those_after_a_child_that_is_reset_wait_until_it_is_ready) {
  auto x = driver{{}, children_of({"sink", "source"})};
  x.of("sink").crashing_starts = 1;
  x.start();
  x.of("sink").ready_at_once = false;
  BOOST_TEST(x.reset("sink"));
  x.pass(5s);
  x.machine.tick(x.now);
  x.settle();
  BOOST_TEST(x.times_of("start source").empty());
  x.ready("sink");
  BOOST_TEST(x.orders() == (words{"start sink", "start sink", "start source"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_sibling_reset_during_a_group_restart_does_not_hold_up_the_others) {
  auto x = started(
    rules_of(escalation::escalate, restart_strategy::one_for_all), children_of({"a", "b", "c"}));
  x.crash("b");
  BOOST_TEST(x.reset("c"));
  x.pass(1s);
  BOOST_TEST(x.is_ready());
  BOOST_TEST(x.times_of("start c").size() == 2u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(with_manual_reset_attempts_are_forgotten_by_a_reset_alone) {
  auto careful = child_of("a");
  careful.restart.backoff.manual_reset = true;
  auto x = started(rules_of(escalation::isolate), {careful});
  x.crash("a");
  x.pass(24h);
  x.crash("a");
  BOOST_TEST((x.last(notice_id::child_backing_off).delay == 2s));
  BOOST_TEST(x.reset("a"));
  x.crash("a");
  BOOST_TEST((x.last(notice_id::child_backing_off).delay == 1s));
}

// -- readiness ------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(readiness_does_not_wait_for_a_child_that_is_not_required) {
  auto optional = child_of("b");
  optional.required = false;
  auto x = started({}, {child_of("a"), optional});
  x.crash("b");
  BOOST_TEST(x.is_ready());
  x.crash("a");
  BOOST_TEST(!x.is_ready());
}

BOOST_AUTO_TEST_CASE(readiness_does_not_wait_for_the_first_start_of_one_that_is_not_required) {
  auto optional = child_of("b");
  optional.required = false;
  auto x = driver{{}, {child_of("a"), optional}};
  x.of("b").ready_at_once = false;
  x.start();
  BOOST_TEST(x.is_ready());
}

BOOST_AUTO_TEST_CASE(an_isolated_child_that_is_not_required_leaves_the_group_ready) {
  auto optional = brittle("b");
  optional.required = false;
  auto x = started(rules_of(escalation::isolate), {child_of("a"), optional});
  x.crash("b");
  BOOST_TEST(x.is_ready());
}

BOOST_AUTO_TEST_CASE(a_group_that_drains_is_not_ready) {
  auto x = started({}, children_of({"a"}));
  x.of("a").drains = false;
  x.stop();
  BOOST_TEST(!x.is_ready());
}

// -- the two halves of a stop ---------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_drain_alone_ends_drained_with_every_child_still_there) {
  auto x = started({}, children_of({"sink", "source"}));
  x.drain();
  x.pass(1h);
  BOOST_TEST(x.orders() == (words{"drain source", "drain sink"}), per_element());
  BOOST_TEST((x.machine.now_in() == phase::drained));
  BOOST_TEST(!x.machine.next_due().has_value());
}

BOOST_AUTO_TEST_CASE(a_halt_after_the_drain_stops_them) {
  auto x = started({}, children_of({"sink", "source"}));
  x.drain();
  x.orders();
  x.halt();
  BOOST_TEST(
    x.orders() == (words{"stop source", "close source", "stop sink", "close sink"}), per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_halt_without_a_drain_drains_nothing) {
  auto x = started({}, children_of({"sink", "source"}));
  x.halt();
  BOOST_TEST(
    x.orders() == (words{"stop source", "close source", "stop sink", "close sink"}), per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_halt_during_the_drain_ends_the_drain) {
  auto x = started({}, children_of({"a"}));
  x.of("a").drains = false;
  x.drain();
  x.halt();
  BOOST_TEST(x.orders() == (words{"drain a", "stop a", "close a"}), per_element());
}

BOOST_AUTO_TEST_CASE(the_total_deadline_of_a_halt_counts_from_the_halt) {
  auto rules = supervision_rules{};
  rules.total_deadline = 3s;
  auto x = started(rules, children_of({"a"}));
  x.of("a").stops = false;
  x.drain();
  x.pass(1h);
  x.halt();
  x.pass(3s - 1ms);
  BOOST_TEST(!x.is_done());
  x.pass(1ms);
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_drain_that_never_ends_is_drained_after_its_deadline) {
  auto x = started({}, children_of({"a"}));
  x.of("a").drains = false;
  x.drain();
  x.pass(10s - 1ms);
  BOOST_TEST((x.machine.now_in() == phase::draining));
  x.pass(1ms);
  BOOST_TEST((x.machine.now_in() == phase::drained));
}

BOOST_AUTO_TEST_CASE(a_child_that_crashes_after_the_drain_is_not_started_again) {
  auto x = started({}, children_of({"a", "b"}));
  x.drain();
  x.crash("b");
  x.pass(1h);
  BOOST_TEST((x.state("b") == child_state::stopped));
  BOOST_TEST(x.times_of("start b").size() == 1u);
  BOOST_TEST(!x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(a_halt_before_the_start_is_done_at_once) {
  auto x = driver{{}, children_of({"a"})};
  x.halt();
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_drain_before_the_start_has_nothing_to_drain) {
  auto x = driver{{}, children_of({"a"})};
  x.drain();
  BOOST_TEST((x.machine.now_in() == phase::drained));
  x.halt();
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_group_that_is_done_starts_anew_without_forgetting_who_is_who) {
  auto x = started({}, {child_of("a"), child_of("b", restart_type::transient)});
  x.crash("a");
  x.end("b");
  x.stop();
  x.orders();
  x.start();
  BOOST_TEST(x.orders() == (words{"start a", "start b"}), per_element());
  BOOST_TEST(x.child("a").incarnation() == 2u);
  BOOST_TEST(x.child("a").attempt() == 0u);
  BOOST_TEST(x.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_SUITE_END()
