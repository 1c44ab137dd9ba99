#include <boost/test/unit_test.hpp>

#include <initializer_list>

#include "dynamic_group_driver.hpp"

using namespace actors;
using namespace std::chrono_literals;
using boost::test_tools::per_element;
using addition = dynamic_group::addition;
using phase = child_group::phase;

namespace dynamic_group_tests {

using driver = dynamic_group_driver;
using moments = std::vector<std::chrono::milliseconds>;

supervision_rules rules_of(escalation on_failure) {
  auto rules = supervision_rules{};
  rules.on_failure = on_failure;
  return rules;
}

/// A child that fails for good at its first crash.
child_rules brittle(const std::string& id) {
  auto rules = child_rules{};
  rules.id = id;
  rules.restart.backoff.attempts_max = 0;
  return rules;
}

child_rules significant(const std::string& id) {
  auto rules = child_rules{};
  rules.id = id;
  rules.restart.type = restart_type::transient;
  rules.significant = true;
  return rules;
}

void start_with(
  driver& x, std::initializer_list<const char*> ids, restart_type type = restart_type::permanent) {
  x.start();
  for (const auto* id : ids)
    x.add(id, type);
  x.orders();
}

/// Runs, with permanent children of the default rules.
struct running : driver {
  running() : running(std::initializer_list<const char*>{}) {}
  running(std::initializer_list<const char*> ids, supervision_rules rules = {},
    group_position position = group_position::root)
    : driver{rules, position} {
    start_with(*this, ids);
  }
};

/// Runs, with one child of that type.
struct alone : driver {
  explicit alone(restart_type type, supervision_rules rules = {}) : driver{rules} {
    start_with(*this, {"a"}, type);
  }
};

} // namespace dynamic_group_tests

BOOST_AUTO_TEST_SUITE(dynamic_group_tests)

// -- coming and going -----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_child_added_to_a_running_group_starts_at_once) {
  auto x = driver{};
  x.start();
  BOOST_TEST((x.add("a") == addition::added));
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST((x.state_of("a") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(a_child_added_before_the_start_waits_for_it) {
  auto x = driver{};
  BOOST_TEST((x.add("a") == addition::added));
  BOOST_TEST(x.orders().empty());
  BOOST_TEST(x.machine.count(child_state::waiting) == 1u);
  x.start();
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
}

BOOST_AUTO_TEST_CASE(children_start_without_waiting_for_each_other) {
  auto x = driver{};
  for (const auto* id : {"a", "b", "c"}) {
    x.add(id);
    x.of(id).ready_at_once = false;
  }
  x.start();
  BOOST_TEST(x.orders() == (words{"start a", "start b", "start c"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_second_start_changes_nothing) {
  auto x = running{"a"};
  x.start();
  BOOST_TEST(x.orders().empty());
}

BOOST_AUTO_TEST_CASE(an_id_that_a_child_has_is_taken) {
  auto x = running{"a"};
  BOOST_TEST((x.add("a") == addition::taken));
  BOOST_TEST(x.machine.size() == 1u);
  BOOST_TEST(x.orders().empty());
}

BOOST_AUTO_TEST_CASE(a_child_beyond_the_bound_is_refused_until_one_goes) {
  auto x = driver{{}, group_position::root, 2};
  start_with(x, {"a", "b"});
  BOOST_TEST((x.add("c") == addition::full));
  x.remove("a");
  BOOST_TEST((x.add("c") == addition::added));
}

BOOST_AUTO_TEST_CASE(a_group_that_stops_or_is_done_takes_no_children) {
  auto x = running{"a"};
  x.of("a").drains = false;
  x.stop();
  BOOST_TEST((x.add("b") == addition::not_running));
  x.drained("a");
  BOOST_REQUIRE(x.is_done());
  BOOST_TEST((x.add("b") == addition::not_running));
}

BOOST_AUTO_TEST_CASE(a_child_is_found_by_its_id) {
  auto x = running{"a", "b"};
  BOOST_TEST((x.machine.key_of("b") == std::optional<child_key>{1}));
  BOOST_TEST(x.machine.id(1) == "b");
  BOOST_TEST((x.machine.key_of("c") == std::nullopt));
}

BOOST_AUTO_TEST_CASE(a_child_that_is_removed_is_stopped_closed_and_forgotten) {
  auto x = running{"a"};
  BOOST_TEST(x.remove("a"));
  BOOST_TEST(x.orders() == (words{"stop a", "close a", "remove a"}), per_element());
  BOOST_TEST(x.machine.size() == 0u);
  BOOST_TEST((x.machine.key_of("a") == std::nullopt));
  BOOST_TEST(x.machine.find(0) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_child_is_removed_once_and_only_when_there_is_one) {
  auto x = running{"a"};
  x.of("a").stops = false;
  BOOST_TEST(x.remove("a"));
  BOOST_TEST(!x.remove("a"));
  x.stopped("a");
  BOOST_TEST(!x.remove("a"));
  BOOST_TEST(!x.remove(77));
}

BOOST_AUTO_TEST_CASE(the_id_of_a_child_that_is_being_removed_is_taken_until_it_has_stopped) {
  auto x = running{"a"};
  x.of("a").stops = false;
  x.remove("a");
  BOOST_TEST((x.add("a") == addition::taken));
  x.stopped("a");
  BOOST_TEST((x.add("a") == addition::added));
}

BOOST_AUTO_TEST_CASE(the_same_id_again_is_another_child) {
  auto x = running{"a"};
  x.crash("a");
  x.remove("a");
  x.add("a");
  BOOST_TEST((x.machine.key_of("a") == std::optional<child_key>{1}));
  BOOST_TEST(x.child("a").incarnation() == 1u);
  BOOST_TEST(x.child("a").attempt() == 0u);
}

BOOST_AUTO_TEST_CASE(reports_of_a_child_that_is_gone_are_ignored) {
  auto x = running{"a"};
  x.remove("a");
  x.add("a");
  x.orders();
  x.machine.on_crashed(0, 1, "late", x.now);
  x.machine.on_ready(0, 1, x.now);
  x.machine.on_stopped(0, 1, x.now);
  x.machine.on_drained(0, 1, x.now);
  x.machine.on_trouble(0, 1, trouble::reported, "late", x.now);
  x.machine.on_progress(0, x.now);
  BOOST_TEST(!x.reset(0));
  BOOST_TEST(x.orders().empty());
  BOOST_TEST((x.state_of("a") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(a_child_that_backs_off_is_removed_at_once_and_never_starts) {
  auto x = running{"a"};
  x.crash("a");
  BOOST_TEST(x.remove("a"));
  BOOST_TEST(x.orders() == (words{"close a", "remove a"}), per_element());
  x.pass(1h);
  BOOST_TEST(x.orders().empty());
}

BOOST_AUTO_TEST_CASE(a_child_is_removed_before_the_start_as_well) {
  auto x = driver{};
  x.add("a");
  BOOST_TEST(x.remove("a"));
  BOOST_TEST(x.orders() == (words{"close a", "remove a"}), per_element());
  BOOST_TEST((x.add("a") == addition::added));
  x.start();
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_removed_child_that_ignores_its_deadline_is_abandoned_and_forgotten) {
  auto x = running{"a"};
  x.of("a").stops = false;
  x.remove("a");
  x.pass(5s);
  BOOST_TEST(x.times_of("abandon a") == moments{5s}, per_element());
  BOOST_TEST(x.orders() == (words{"stop a", "abandon a", "close a", "remove a"}), per_element());
  BOOST_TEST(x.machine.abandoned() == words{"a"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_removed_child_has_the_stop_deadline_of_its_own) {
  auto x = driver{};
  x.start();
  auto rules = child_rules{};
  rules.id = "a";
  rules.stop_deadline = 100ms;
  x.add(rules);
  x.of("a").stops = false;
  x.remove("a");
  x.pass(1s);
  BOOST_TEST(x.times_of("abandon a") == moments{100ms}, per_element());
}

BOOST_AUTO_TEST_CASE(a_child_that_crashes_while_it_is_removed_is_forgotten_all_the_same) {
  auto x = running{"a"};
  x.of("a").stops = false;
  x.remove("a");
  x.crash("a");
  x.pass(1h);
  BOOST_TEST(x.orders() == (words{"stop a", "close a", "remove a"}), per_element());
}

// Nobody is to replace it, so the bound on those around has nothing to refuse.
BOOST_AUTO_TEST_CASE(a_child_that_hangs_while_it_is_removed_fails_nobody) {
  auto rules = supervision_rules{};
  rules.abandoned_max = 0;
  auto x = running{{"a", "b"}, rules};
  x.of("a").stops = false;
  x.remove("a");
  x.hang("a");
  BOOST_TEST(x.orders() == (words{"stop a", "abandon a", "close a", "remove a"}), per_element());
  BOOST_TEST(!x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(a_failed_child_can_be_removed) {
  auto x = running{{}, rules_of(escalation::isolate)};
  x.add(brittle("a"));
  x.crash("a");
  BOOST_TEST(!x.machine.is_ready());
  BOOST_TEST(x.remove("a"));
  BOOST_TEST(x.machine.size() == 0u);
  BOOST_TEST(x.machine.count(child_state::failed) == 0u);
  BOOST_TEST(x.machine.is_ready());
}

// -- restart types --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(case_4_a_permanent_child_that_ends_normally_starts_again) {
  auto x = alone{restart_type::permanent};
  x.end("a");
  x.pass(1s);
  x.end("a");
  x.pass(2s);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 1s, 3s}), per_element());
}

BOOST_AUTO_TEST_CASE(case_5_a_transient_child_that_ends_normally_is_closed_and_kept) {
  auto x = alone{restart_type::transient};
  x.end("a");
  x.pass(1h);
  BOOST_TEST(x.orders() == words{"close a"}, per_element());
  BOOST_TEST((x.state_of("a") == child_state::stopped));
  BOOST_TEST((x.add("a") == addition::taken));
}

BOOST_AUTO_TEST_CASE(case_5_a_transient_child_that_crashes_starts_again) {
  auto x = alone{restart_type::transient};
  x.crash("a");
  x.pass(1s);
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_6_a_temporary_child_that_ends_is_forgotten) {
  auto x = alone{restart_type::temporary};
  x.end("a");
  BOOST_TEST(x.orders() == (words{"close a", "remove a"}), per_element());
  BOOST_TEST(x.machine.size() == 0u);
}

BOOST_AUTO_TEST_CASE(case_6_a_temporary_child_that_crashes_is_forgotten) {
  auto x = alone{restart_type::temporary};
  x.crash("a");
  x.pass(1h);
  BOOST_TEST(x.orders() == (words{"close a", "remove a"}), per_element());
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u);
  for (auto i = 0; i < 8; ++i)
    BOOST_TEST(x.machine.count(static_cast<child_state>(i)) == 0u);
}

BOOST_AUTO_TEST_CASE(case_6_a_temporary_child_that_cannot_start_is_forgotten) {
  auto x = driver{};
  x.add("a", restart_type::temporary);
  x.of("a").crashing_starts = 1;
  x.start();
  BOOST_TEST(x.orders() == (words{"start a", "close a", "remove a"}), per_element());
}

BOOST_AUTO_TEST_CASE(case_6_a_temporary_child_that_hangs_is_let_go_and_forgotten) {
  auto x = alone{restart_type::temporary};
  x.hang("a");
  BOOST_TEST(x.orders() == (words{"abandon a", "close a", "remove a"}), per_element());
  BOOST_TEST(x.machine.abandoned() == words{"a"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_6_a_temporary_child_that_hangs_with_too_many_around_is_forgotten_too) {
  auto rules = rules_of(escalation::isolate);
  rules.abandoned_max = 0;
  auto x = alone{restart_type::temporary, rules};
  x.hang("a");
  BOOST_TEST(x.orders() == (words{"abandon a", "close a", "remove a"}), per_element());
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.machine.size() == 0u);
}

BOOST_AUTO_TEST_CASE(its_id_is_free_when_a_temporary_child_has_ended) {
  auto x = alone{restart_type::temporary};
  x.end("a");
  BOOST_TEST((x.add("a", restart_type::temporary) == addition::added));
}

// -- crashes --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(case_14_starts_come_at_0_1_3_7_15_and_31_seconds_and_then_no_more) {
  auto x = running{"a"};
  x.of("a").crashing_starts = 100;
  x.crash("a");
  x.pass(10min);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 1s, 3s, 7s, 15s, 31s}), per_element());
  BOOST_TEST(x.count(notice_id::child_failed) == 1u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
}

BOOST_AUTO_TEST_CASE(the_notice_of_a_back_off_names_the_attempt_and_the_wait) {
  auto x = running{"a"};
  x.crash("a");
  x.pass(1s);
  x.crash("a");
  BOOST_TEST(x.last(notice_id::child_backing_off).attempt == 2u);
  BOOST_TEST((x.last(notice_id::child_backing_off).delay == 2s));
}

BOOST_AUTO_TEST_CASE(a_crash_leaves_the_siblings_alone) {
  auto x = running{"a", "b", "c"};
  x.crash("b");
  x.pass(1s);
  BOOST_TEST(x.orders() == words{"start b"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_16_a_stable_run_forgets_the_attempts) {
  auto x = running{"a"};
  x.crash("a");
  x.pass(1s + 32s);
  BOOST_TEST(x.child("a").attempt() == 0u);
  x.crash("a");
  BOOST_TEST((x.last(notice_id::child_backing_off).delay == 1s));
}

BOOST_AUTO_TEST_CASE(case_17_the_stable_time_of_a_dead_incarnation_forgets_nothing) {
  auto x = running{"a"};
  x.crash("a");
  x.pass(1s + 31s);
  x.crash("a");
  x.pass(2s);
  BOOST_TEST(x.child("a").attempt() == 2u);
}

BOOST_AUTO_TEST_CASE(a_stale_report_of_a_crash_changes_nothing) {
  auto x = running{"a"};
  x.crash("a");
  x.pass(1s);
  x.machine.on_crashed(0, 1, "late", x.now);
  BOOST_TEST((x.state_of("a") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(case_7_the_group_fails_when_its_budget_is_used_up) {
  auto rules = supervision_rules{};
  rules.budget = {2, 1h};
  auto x = running{{"a", "b", "c", "d"}, rules};
  x.crash("a");
  x.crash("b");
  BOOST_TEST(!x.machine.has_failed());
  x.crash("c");
  BOOST_TEST(x.machine.has_failed());
  BOOST_TEST(x.count(notice_id::group_budget_exceeded) == 1u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.complaints() == "");
}

// -- instances that hang --------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_child_that_hangs_is_let_go_and_replaced) {
  auto x = running{"a"};
  x.hang("a");
  BOOST_TEST(x.orders() == words{"abandon a"}, per_element());
  x.pass(1s);
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST(x.child("a").incarnation() == 2u);
  BOOST_TEST(x.machine.abandoned() == words{"a"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_start_without_progress_hangs) {
  auto x = driver{};
  x.add("a");
  x.of("a").ready_at_once = false;
  x.start();
  x.pass(9s);
  x.machine.on_progress(0, x.now);
  x.pass(10s);
  BOOST_TEST(x.times_of("abandon a") == moments{19s}, per_element());
  BOOST_TEST(x.count(notice_id::child_hung) == 1u);
}

BOOST_AUTO_TEST_CASE(an_instance_that_returned_is_not_named_any_more) {
  auto x = running{"a"};
  x.hang("a");
  x.machine.on_returned("a");
  x.machine.on_returned("a");
  BOOST_TEST(x.machine.abandoned().empty());
}

BOOST_AUTO_TEST_CASE(a_child_that_hangs_with_too_many_around_is_not_replaced_but_fails) {
  auto rules = rules_of(escalation::isolate);
  rules.abandoned_max = 2;
  auto x = running{{"a", "b", "c"}, rules};
  x.hang("a");
  x.hang("b");
  BOOST_TEST(x.count(notice_id::child_failed) == 0u);
  x.hang("c");
  BOOST_TEST((x.state_of("c") == child_state::failed));
  x.pass(1h);
  BOOST_TEST(x.times_of("start c").size() == 1u);
  BOOST_TEST((x.state_of("a") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(those_who_returned_make_room_for_replacements) {
  auto rules = supervision_rules{};
  rules.abandoned_max = 1;
  auto x = running{{"a", "b"}, rules};
  x.hang("a");
  x.returned("a");
  x.hang("b");
  BOOST_TEST((x.state_of("b") == child_state::backing_off));
  BOOST_TEST(!x.machine.has_failed());
}

// -- what a failure means for the group -----------------------------------------------------------

BOOST_AUTO_TEST_CASE(isolate_lets_the_siblings_go_on) {
  auto x = running{{"b"}, rules_of(escalation::isolate)};
  x.add(brittle("a"));
  x.orders();
  x.crash("a");
  BOOST_TEST(x.orders() == words{"close a"}, per_element());
  BOOST_TEST((x.machine.now_in() == phase::running));
  BOOST_TEST(x.machine.count(child_state::failed) == 1u);
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
}

BOOST_AUTO_TEST_CASE(escalate_drains_and_stops_the_siblings) {
  auto x = running{"b"};
  x.add(brittle("a"));
  x.orders();
  x.crash("a");
  BOOST_TEST(x.orders() == (words{"close a", "drain b", "stop b", "close b"}), per_element());
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.machine.failure() == "a: broken");
  BOOST_TEST(!x.machine.ends_the_tree());
}

BOOST_AUTO_TEST_CASE(shutdown_ends_the_tree) {
  auto x = running{{}, rules_of(escalation::shutdown)};
  x.add(brittle("a"));
  x.crash("a");
  BOOST_TEST(x.machine.ends_the_tree());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(restart_group_starts_all_after_the_longest_wait) {
  auto x = running{{"b"}, rules_of(escalation::restart_group)};
  x.add(brittle("a"));
  x.orders();
  x.crash("a");
  BOOST_TEST(x.orders() == words{"stop b"}, per_element());
  x.pass(16s);
  BOOST_TEST(x.times_of("start a") == (moments{0s, 16s}), per_element());
  BOOST_TEST(x.times_of("start b") == (moments{0s, 16s}), per_element());
  BOOST_TEST(x.machine.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_bystander_that_ignores_the_stop_of_a_group_restart_is_let_go_and_replaced) {
  auto x = running{{"b"}, rules_of(escalation::restart_group)};
  x.add(brittle("a"));
  x.of("b").stops = false;
  x.crash("a");
  x.pass(16s);
  BOOST_TEST(x.times_of("abandon b") == moments{5s}, per_element());
  BOOST_TEST(x.times_of("start b") == (moments{0s, 16s}), per_element());
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(with_too_many_around_it_is_not_replaced_and_the_group_fails) {
  auto rules = rules_of(escalation::restart_group);
  rules.abandoned_max = 0;
  auto x = running{{"b"}, rules};
  x.add(brittle("a"));
  x.of("b").stops = false;
  x.crash("a");
  x.pass(5s);
  BOOST_TEST((x.last(notice_id::child_failed).child == x.key_of("b")));
  BOOST_TEST(x.machine.has_failed());
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_group_restart_removes_temporary_bystanders) {
  auto x = running{{}, rules_of(escalation::restart_group)};
  x.add("t", restart_type::temporary);
  x.add(brittle("a"));
  x.orders();
  x.crash("a");
  BOOST_TEST(x.orders() == (words{"stop t", "close t", "remove t"}), per_element());
}

BOOST_AUTO_TEST_CASE(a_group_restarts_five_times_an_hour_and_then_fails) {
  auto x = running{{}, rules_of(escalation::restart_group)};
  x.add(brittle("a"));
  x.of("a").crashing_starts = 100;
  x.crash("a");
  x.pass(1h);
  BOOST_TEST(x.count(notice_id::group_restarting) == 5u);
  BOOST_TEST(x.times_of("start a").size() == 6u);
  BOOST_TEST(x.machine.has_failed());
}

// The restart had told it to stop; the stop of all has overtaken that.
BOOST_AUTO_TEST_CASE(a_stop_in_the_middle_of_a_group_restart_starts_nobody) {
  auto x = running{{"b"}, rules_of(escalation::restart_group)};
  x.add(brittle("a"));
  x.of("b").stops = false;
  x.crash("a");
  x.stop();
  x.stopped("b");
  BOOST_TEST(x.is_done());
  BOOST_TEST((x.state_of("b") == child_state::stopped));
  x.pass(1h);
  BOOST_TEST(x.times_of("start b") == moments{0s}, per_element());
}

// -- ends by choice -------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_significant_child_that_ends_ends_the_group) {
  auto x = running{"b"};
  x.add(significant("a"));
  x.orders();
  x.end("a");
  BOOST_TEST(x.orders() == (words{"close a", "drain b", "stop b", "close b"}), per_element());
  BOOST_TEST(x.is_done());
  BOOST_TEST(!x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(all_significant_waits_for_the_last_of_them) {
  auto rules = supervision_rules{};
  rules.ends_with = auto_shutdown::all_significant;
  auto x = running{{"b"}, rules};
  x.add(significant("a"));
  x.add(significant("c"));
  x.end("a");
  BOOST_TEST((x.machine.now_in() == phase::running));
  x.end("c");
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(never_means_that_no_end_ends_the_group) {
  auto rules = supervision_rules{};
  rules.ends_with = auto_shutdown::never;
  auto x = running{{}, rules};
  x.add(significant("a"));
  x.end("a");
  BOOST_TEST((x.machine.now_in() == phase::running));
}

BOOST_AUTO_TEST_CASE(a_significant_child_that_is_removed_ends_nothing) {
  auto x = running{};
  x.add(significant("a"));
  x.remove("a");
  BOOST_TEST((x.machine.now_in() == phase::running));
}

BOOST_AUTO_TEST_CASE(a_significant_temporary_child_ends_the_group_and_is_forgotten) {
  auto x = running{};
  auto rules = significant("a");
  rules.restart.type = restart_type::temporary;
  x.add(rules);
  x.end("a");
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.complaints() == "");
}

// -- reset ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_failed_child_that_is_reset_starts_with_no_attempts) {
  auto x = running{{}, rules_of(escalation::isolate)};
  x.add(brittle("a"));
  x.crash("a");
  x.orders();
  BOOST_TEST(x.reset("a"));
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST(x.child("a").attempt() == 0u);
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_child_that_backs_off_and_is_reset_starts_at_once) {
  auto x = running{"a"};
  x.crash("a");
  x.pass(1s);
  x.crash("a");
  x.orders();
  BOOST_TEST(x.reset("a"));
  BOOST_TEST(x.orders() == words{"start a"}, per_element());
  BOOST_TEST(x.child("a").attempt() == 0u);
  x.pass(10s);
  BOOST_TEST(x.orders().empty());
}

BOOST_AUTO_TEST_CASE(a_transient_child_that_ended_is_started_by_a_reset) {
  auto x = alone{restart_type::transient};
  x.end("a");
  BOOST_TEST(x.reset("a"));
  BOOST_TEST((x.state_of("a") == child_state::ready));
}

BOOST_AUTO_TEST_CASE(there_is_nothing_to_reset_in_a_child_that_runs_or_a_group_that_does_not) {
  auto x = running{"a"};
  BOOST_TEST(!x.reset("a"));
  x.stop();
  BOOST_TEST(!x.reset("a"));
}

// -- stop -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(all_drain_together_and_then_all_stop_together) {
  auto x = running{"a", "b"};
  x.stop();
  BOOST_TEST(x.orders() == (words{"drain a", "drain b", "stop a", "stop b", "close a", "close b"}),
    per_element());
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "all children stopped");
}

BOOST_AUTO_TEST_CASE(nobody_is_stopped_before_the_last_has_drained) {
  auto x = running{"a", "b", "c"};
  for (const auto* id : {"a", "b", "c"})
    x.of(id).drains = false;
  x.stop();
  x.drained("c");
  x.drained("a");
  BOOST_TEST(x.orders() == (words{"drain a", "drain b", "drain c"}), per_element());
  x.drained("b");
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(case_3_those_who_ignore_the_stop_share_one_deadline_and_are_named) {
  auto x = running{"a", "b", "c"};
  x.of("a").stops = x.of("c").stops = false;
  x.stop();
  x.pass(1h);
  BOOST_TEST(x.times_of("abandon a") == moments{5s}, per_element());
  BOOST_TEST(x.times_of("abandon c") == moments{5s}, per_element());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: a, c");
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_drain_that_does_not_end_is_cut_off) {
  auto x = running{"a", "b"};
  x.of("a").drains = false;
  x.stop();
  x.pass(10s);
  BOOST_TEST(x.times_of("stop b") == moments{10s}, per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(the_whole_stop_ends_within_the_total_deadline) {
  auto rules = supervision_rules{};
  rules.total_deadline = 12s;
  auto x = running{{"a"}, rules};
  x.of("a").drains = x.of("a").stops = false;
  x.stop();
  x.pass(1h);
  BOOST_TEST(x.times_of("abandon a") == moments{12s}, per_element());
}

BOOST_AUTO_TEST_CASE(asked_a_second_time_the_stop_abandons_who_is_left) {
  auto x = running{"a", "b"};
  x.of("a").drains = x.of("b").drains = false;
  x.stop();
  x.orders();
  x.stop();
  BOOST_TEST(x.orders() == (words{"abandon a", "close a", "abandon b", "close b"}), per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(an_empty_group_stops_at_once) {
  auto x = running{};
  x.stop();
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_stop_before_the_start_closes_everybody) {
  auto x = driver{};
  x.add("a");
  x.stop();
  BOOST_TEST(x.orders() == words{"close a"}, per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(case_11_a_child_that_backs_off_is_stopped_at_once_and_never_starts) {
  auto x = running{"a"};
  x.crash("a");
  x.stop();
  BOOST_TEST(x.is_done());
  x.pass(1h);
  BOOST_TEST(x.times_of("start a") == moments{0s}, per_element());
}

BOOST_AUTO_TEST_CASE(a_child_that_crashes_while_it_drains_comes_back_once_and_drains) {
  auto x = running{"a", "b"};
  x.of("a").drains = false;
  x.stop();
  x.orders();
  x.crash("a");
  x.of("a").drains = true;
  BOOST_TEST((x.machine.now_in() == phase::draining));
  x.pass(1s);
  BOOST_TEST(x.orders() == (words{"start a", "drain a", "stop a", "stop b", "close a", "close b"}),
    per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_child_that_hangs_while_it_drains_is_replaced_and_drains) {
  auto x = running{"a"};
  x.of("a").drains = false;
  x.stop();
  x.hang("a");
  x.of("a").drains = true;
  x.pass(1s);
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.times_of("drain a") == (moments{0s, 1s}), per_element());
  BOOST_TEST(x.last(notice_id::shutdown_report).text == "abandoned: a");
}

BOOST_AUTO_TEST_CASE(one_that_has_drained_and_crashes_is_waited_for_again) {
  auto x = running{"a", "b"};
  x.of("b").drains = false;
  x.stop();
  x.crash("a"); // which may have taken more in since
  x.drained("b");
  BOOST_TEST((x.machine.now_in() == phase::draining));
  x.pass(1s);
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_child_that_becomes_ready_during_the_drain_drains_too) {
  auto x = running{"b"};
  x.add("a");
  x.crash("a");
  x.of("a").ready_at_once = false;
  x.of("b").drains = x.of("a").drains = false;
  x.pass(1s); // its mailbox has kept what came meanwhile
  x.stop();
  x.orders();
  x.ready("a");
  BOOST_TEST(x.orders() == words{"drain a"}, per_element());
  x.drained("b");
  BOOST_TEST((x.machine.now_in() == phase::draining));
  x.drained("a");
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_child_that_fails_during_the_drain_holds_nobody_up) {
  auto x = running{"b"};
  x.add(brittle("a"));
  x.of("a").drains = x.of("b").drains = false;
  x.stop();
  x.crash("b"); // would come back in a second
  x.crash("a"); // but now all has failed, and nobody does
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_child_removed_during_the_drain_is_not_waited_for) {
  auto x = running{"a", "b"};
  x.of("a").drains = false;
  x.stop();
  BOOST_TEST(x.remove("a"));
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_child_that_was_to_come_back_and_is_removed_is_not_waited_for) {
  auto x = running{"a"};
  x.of("a").drains = false;
  x.stop();
  x.crash("a");
  BOOST_TEST(x.remove("a"));
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.of("a").times_closed == 1);
}

BOOST_AUTO_TEST_CASE(the_halves_of_a_stop_are_a_drain_and_a_halt) {
  auto x = running{{"a", "b"}, {}, group_position::nested};
  x.drain();
  BOOST_TEST(x.orders() == (words{"drain a", "drain b"}), per_element());
  BOOST_TEST((x.machine.now_in() == phase::drained));
  x.pass(1h);
  BOOST_TEST(x.orders().empty());
  x.halt();
  BOOST_TEST(x.orders() == (words{"stop a", "stop b"}), per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_halt_without_a_drain_stops_at_once) {
  auto x = running{{"a"}, {}, group_position::nested};
  x.halt();
  BOOST_TEST(x.orders() == words{"stop a"}, per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(nobody_is_restarted_between_the_drain_and_the_halt) {
  auto x = running{{"a", "b"}, {}, group_position::nested};
  x.drain();
  x.orders();
  x.crash("a");
  x.pass(1h);
  BOOST_TEST(x.orders().empty());
  x.halt();
  BOOST_TEST(x.orders() == words{"stop b"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_child_removed_between_the_drain_and_the_halt_has_its_time_to_stop) {
  auto x = running{{"a"}, {}, group_position::nested};
  x.of("a").stops = false;
  x.drain();
  x.pass(1h);
  x.remove("a");
  x.pass(4s);
  BOOST_TEST(x.machine.abandoned().empty());
  x.pass(1s);
  BOOST_TEST(x.machine.abandoned() == words{"a"}, per_element());
}

BOOST_AUTO_TEST_CASE(but_not_more_than_the_halt_leaves_it) {
  auto rules = supervision_rules{};
  rules.total_deadline = 2s;
  auto x = running{{"a"}, rules, group_position::nested};
  x.of("a").stops = false;
  x.drain();
  x.remove("a");
  x.halt();
  x.pass(2s);
  BOOST_TEST(x.is_done());
}

// -- start again ----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_mailboxes_of_a_nested_group_stay_open_until_it_is_closed) {
  auto x = running{{"a", "b"}, {}, group_position::nested};
  x.crash("a");
  x.halt();
  BOOST_TEST(x.of("a").times_closed == 0);
  x.machine.close_all();
  x.machine.close_all();
  x.settle();
  BOOST_TEST(x.of("a").times_closed == 1);
  BOOST_TEST(x.of("b").times_closed == 1);
}

// Its parent may start it again, and then it works off what it has kept.
BOOST_AUTO_TEST_CASE(nor_does_the_child_that_failed_a_nested_group_lose_its_mailbox) {
  auto x = running{{"b"}, {}, group_position::nested};
  x.add(brittle("a"));
  x.orders();
  x.crash("a");
  BOOST_TEST(x.orders() == words{"stop b"}, per_element());
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.count(notice_id::fatal_error) == 0u);
}

BOOST_AUTO_TEST_CASE(a_group_that_is_done_starts_anew_and_forgets_no_incarnation) {
  auto x = running{{"a", "b"}, {}, group_position::nested};
  x.crash("a");
  x.halt();
  x.orders();
  x.start();
  BOOST_TEST(x.orders() == (words{"start a", "start b"}), per_element());
  BOOST_TEST(x.child("a").attempt() == 0u);
  BOOST_TEST(x.child("b").incarnation() == 2u);
  BOOST_TEST(!x.machine.has_failed());
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_group_started_anew_stops_as_the_first_time) {
  auto x = running{{"a"}, {}, group_position::nested};
  x.halt();
  x.start();
  x.orders();
  x.drain();
  x.halt();
  BOOST_TEST(x.orders() == (words{"drain a", "stop a"}), per_element());
  BOOST_TEST(x.is_done());
}

BOOST_AUTO_TEST_CASE(a_group_with_too_many_that_hang_is_not_started_anew_until_some_have_returned) {
  auto rules = supervision_rules{};
  rules.abandoned_max = 1;
  auto x = running{{"a", "b"}, rules, group_position::nested};
  x.of("a").stops = x.of("b").stops = false;
  x.halt();
  x.pass(5s);
  x.start();
  BOOST_TEST(x.is_done());
  BOOST_TEST(x.machine.failure() == "2 instances that hang are still around");
  x.returned("b");
  x.start();
  BOOST_TEST(x.machine.is_ready());
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_group_started_anew_has_its_whole_budget) {
  auto rules = supervision_rules{};
  rules.budget = {1, 1h};
  auto x = running{{"a"}, rules, group_position::nested};
  x.crash("a");
  x.pass(1s);
  x.crash("a");
  BOOST_REQUIRE(x.is_done());
  x.start();
  x.crash("a");
  BOOST_TEST(!x.machine.has_failed());
}

BOOST_AUTO_TEST_CASE(a_group_started_anew_forgets_the_temporary_and_the_removed) {
  auto x = running{{"a", "b"}, {}, group_position::nested};
  x.add("t", restart_type::temporary);
  x.drain();
  x.remove("a");
  x.halt();
  x.orders();
  x.start();
  BOOST_TEST(
    x.orders() == (words{"close a", "remove a", "start b", "close t", "remove t"}), per_element());
  BOOST_TEST(x.machine.size() == 1u);
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_child_is_removed_from_a_group_that_is_done) {
  auto x = running{{"a"}, {}, group_position::nested};
  x.halt();
  BOOST_TEST(x.remove("a"));
  BOOST_TEST(x.machine.size() == 0u);
  x.start();
  BOOST_TEST(x.times_of("start a").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_failure_from_outside_stops_the_group) {
  auto x = running{"a"};
  x.machine.fail("the tree must end", x.now);
  x.settle();
  BOOST_TEST(x.orders() == (words{"drain a", "stop a", "close a"}), per_element());
  BOOST_TEST(x.machine.failure() == "the tree must end");
  BOOST_TEST(x.count(notice_id::fatal_error) == 1u);
}

// -- health ---------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_counts_follow_every_state) {
  auto x = running{"a", "b", "c"};
  x.crash("a");
  x.suffers("b", trouble::reported, "slow");
  BOOST_TEST(x.machine.count(child_state::backing_off) == 1u);
  BOOST_TEST(x.machine.count(child_state::degraded) == 1u);
  BOOST_TEST(x.machine.count(child_state::ready) == 1u);
  x.check_books();
  BOOST_TEST(x.complaints() == "");
}

BOOST_AUTO_TEST_CASE(a_group_is_ready_when_every_required_child_serves) {
  auto x = running{"a"};
  auto extra = child_rules{};
  extra.id = "extra";
  extra.required = false;
  x.add(extra);
  x.crash("extra");
  BOOST_TEST(x.machine.is_ready());
  x.crash("a");
  BOOST_TEST(!x.machine.is_ready());
  x.pass(1s);
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_required_child_is_not_waited_for_when_it_ended_as_it_may_or_was_removed) {
  auto x = running{"a"};
  x.add("b", restart_type::transient);
  x.end("b");
  BOOST_TEST(x.machine.is_ready());
  x.crash("a");
  x.remove("a");
  BOOST_TEST(x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(a_group_is_not_ready_before_its_start_and_after_its_end) {
  auto x = driver{};
  BOOST_TEST(!x.machine.is_ready());
  x.start();
  BOOST_TEST(x.machine.is_ready());
  x.stop();
  BOOST_TEST(!x.machine.is_ready());
}

BOOST_AUTO_TEST_CASE(pressure_must_last_and_is_told_on_each_edge) {
  auto x = running{"a"};
  x.suffers("a", trouble::pressure, "nearly full");
  x.pass(4s);
  BOOST_TEST(x.count(notice_id::child_degraded) == 0u);
  x.pass(1s);
  BOOST_TEST((x.state_of("a") == child_state::degraded));
  x.suffers("a", trouble::pressure, "");
  x.pass(2s);
  BOOST_TEST((x.state_of("a") == child_state::ready));
  BOOST_TEST(x.count(notice_id::child_degraded) == 1u);
  BOOST_TEST(x.count(notice_id::child_recovered) == 1u);
}

BOOST_AUTO_TEST_CASE(an_idle_group_is_never_due) {
  auto x = running{"a", "b"};
  BOOST_TEST((x.machine.next_due() == std::nullopt));
}

BOOST_AUTO_TEST_CASE(the_earliest_of_all_children_is_due_first) {
  auto x = running{"a", "b"};
  x.crash("a");
  x.pass(1s);
  x.crash("a"); // due at 3 s
  x.crash("b"); // at 2 s
  BOOST_TEST((x.machine.next_due() == x.now + 1s));
  x.remove("b");
  BOOST_TEST((x.machine.next_due() == x.now + 2s));
}

BOOST_AUTO_TEST_CASE(nothing_is_due_in_the_past_when_a_tick_comes_late) {
  auto x = running{"a", "b"};
  x.crash("a");
  x.suffers("b", trouble::pressure, "nearly full");
  x.now += 1h;
  x.machine.tick(x.now);
  x.settle();
  BOOST_TEST((!x.machine.next_due() || *x.machine.next_due() > x.now));
}

BOOST_AUTO_TEST_CASE(whoever_changed_is_named) {
  auto x = running{"a", "b"};
  x.machine.take_changed();
  x.machine.on_crashed(1, 1, "broken", x.now);
  BOOST_TEST(x.machine.take_changed() == std::vector<child_key>{1}, per_element());
}

BOOST_AUTO_TEST_SUITE_END()
