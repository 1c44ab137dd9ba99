#include "actors/core/supervision_rules.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;
using boost::test_tools::per_element;

namespace supervision_rules_tests {

using lines = std::vector<std::string>;

child_rules child(const std::string& id) {
  auto rules = child_rules{};
  rules.id = id;
  return rules;
}

/// What is wrong with one child that is called "a".
lines wrong_with(const child_rules& rules) {
  return mistakes_in({}, {rules});
}

lines wrong_with(const supervision_rules& rules) {
  return mistakes_in(rules, {});
}

} // namespace supervision_rules_tests

BOOST_AUTO_TEST_SUITE(supervision_rules_tests)

BOOST_AUTO_TEST_CASE(the_defaults_are_no_mistake) {
  BOOST_TEST(mistakes_in({}, {child("a"), child("b")}).empty());
}

BOOST_AUTO_TEST_CASE(no_children_are_no_mistake) {
  BOOST_TEST(mistakes_in({}, {}).empty());
}

BOOST_AUTO_TEST_CASE(zeros_where_they_make_sense_are_no_mistake) {
  auto rules = supervision_rules{};
  rules.drain_deadline = rules.stop_deadline = rules.total_deadline = 0ms;
  rules.budget = {0, 0ms};
  rules.abandoned_max = 0;
  auto a = child("a");
  a.restart.backoff.base = a.restart.backoff.cap = a.restart.backoff.stable_after = 0ms;
  a.restart.backoff.attempts_max = 0;
  a.restart.start_deadline = 0ms;
  a.stop_deadline = 0ms;
  a.hang_after = 2ms;
  BOOST_TEST(mistakes_in(rules, {a}) == lines{}, per_element());
}

// -- children -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(case_1_a_child_without_an_id_is_named_by_its_place) {
  BOOST_TEST(
    mistakes_in({}, {child("a"), child("")}) == lines{"child 2: it has no id"}, per_element());
}

BOOST_AUTO_TEST_CASE(case_1_an_id_that_is_used_twice_is_found_once) {
  BOOST_TEST(mistakes_in({}, {child("a"), child("b"), child("a")})
               == lines{"child \"a\": the id is used twice"},
    per_element());
}

BOOST_AUTO_TEST_CASE(case_1_a_negative_stop_deadline_is_found) {
  auto a = child("a");
  a.stop_deadline = -1ms;
  BOOST_TEST(wrong_with(a) == lines{"child \"a\": stop_deadline must not be negative, but is -1ms"},
    per_element());
}

BOOST_AUTO_TEST_CASE(case_1_an_unknown_restart_type_is_found) {
  auto a = child("a");
  a.restart.type = static_cast<restart_type>(3);
  BOOST_TEST(wrong_with(a) == lines{"child \"a\": restart type 3 is unknown"}, per_element());
}

BOOST_AUTO_TEST_CASE(a_negative_start_deadline_is_found) {
  auto a = child("a");
  a.restart.start_deadline = -5s;
  BOOST_TEST(
    wrong_with(a) == lines{"child \"a\": start_deadline must not be negative, but is -5000ms"},
    per_element());
}

BOOST_AUTO_TEST_CASE(a_base_below_zero_or_above_the_cap_is_found) {
  auto a = child("a");
  a.restart.backoff.base = -1ms;
  BOOST_TEST(
    wrong_with(a) == lines{"child \"a\": base must be from 0 to cap (16000ms), but is -1ms"},
    per_element());
  a.restart.backoff.base = 16'001ms;
  BOOST_TEST(
    wrong_with(a) == lines{"child \"a\": base must be from 0 to cap (16000ms), but is 16001ms"},
    per_element());
  a.restart.backoff.base = 16s;
  BOOST_TEST(wrong_with(a).empty());
}

BOOST_AUTO_TEST_CASE(a_multiplier_that_shrinks_the_waits_is_found) {
  auto a = child("a");
  a.restart.backoff.multiplier = 0.5;
  BOOST_TEST(wrong_with(a) == lines{"child \"a\": multiplier must be at least 1, but is 0.5"},
    per_element());
  a.restart.backoff.multiplier = 1.0;
  BOOST_TEST(wrong_with(a).empty());
}

BOOST_AUTO_TEST_CASE(a_jitter_below_zero_or_above_one_is_found) {
  auto a = child("a");
  a.restart.backoff.jitter = -0.1;
  BOOST_TEST(
    wrong_with(a) == lines{"child \"a\": jitter must be from 0 to 1, but is -0.1"}, per_element());
  a.restart.backoff.jitter = 1.5;
  BOOST_TEST(
    wrong_with(a) == lines{"child \"a\": jitter must be from 0 to 1, but is 1.5"}, per_element());
  a.restart.backoff.jitter = 1.0;
  BOOST_TEST(wrong_with(a).empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_number_at_all_is_found) {
  auto a = child("a");
  a.restart.backoff.multiplier = a.restart.backoff.jitter =
    std::numeric_limits<double>::quiet_NaN();
  const auto expected = lines{"child \"a\": multiplier must be at least 1, but is nan",
    "child \"a\": jitter must be from 0 to 1, but is nan"};
  BOOST_TEST(wrong_with(a) == expected, per_element());
}

BOOST_AUTO_TEST_CASE(a_stability_shorter_than_the_longest_wait_is_found) {
  auto a = child("a");
  a.restart.backoff.stable_after = 15'999ms;
  BOOST_TEST(wrong_with(a)
               == lines{"child \"a\": stable_after must not be less than cap (16000ms), or every "
                        "wait looks like stability, but is 15999ms"},
    per_element());
  a.restart.backoff.stable_after = 16s;
  BOOST_TEST(wrong_with(a).empty());
}

// Half of it is when the child is late.
BOOST_AUTO_TEST_CASE(a_hang_after_that_cannot_be_halved_is_found) {
  auto a = child("a");
  a.hang_after = 1ms;
  BOOST_TEST(wrong_with(a) == lines{"child \"a\": hang_after must be at least 2ms, but is 1ms"},
    per_element());
}

BOOST_AUTO_TEST_CASE(a_permanent_child_cannot_be_significant) {
  auto a = child("a");
  a.significant = true;
  BOOST_TEST(wrong_with(a)
               == lines{"child \"a\": significant needs restart type transient or temporary: a "
                        "permanent child never ends by itself"},
    per_element());
  for (auto type : {restart_type::transient, restart_type::temporary}) {
    a.restart.type = type;
    BOOST_TEST(wrong_with(a).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_significant_child_in_a_group_that_never_ends_with_one_is_found) {
  auto rules = supervision_rules{};
  rules.ends_with = auto_shutdown::never;
  auto a = child("a");
  a.restart.type = restart_type::transient;
  a.significant = true;
  BOOST_TEST(mistakes_in(rules, {a})
               == lines{"child \"a\": significant means nothing while auto_shutdown is never"},
    per_element());
}

// -- the group ------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(negative_deadlines_of_the_group_are_found) {
  auto rules = supervision_rules{};
  rules.drain_deadline = -1ms;
  rules.stop_deadline = -2ms;
  rules.total_deadline = -3ms;
  rules.budget.window = -4ms;
  rules.ready_grace = -5ms;
  const auto expected = lines{"drain_deadline must not be negative, but is -1ms",
    "stop_deadline must not be negative, but is -2ms",
    "total_deadline must not be negative, but is -3ms",
    "budget window must not be negative, but is -4ms",
    "ready_grace must not be negative, but is -5ms"};
  BOOST_TEST(wrong_with(rules) == expected, per_element());
}

BOOST_AUTO_TEST_CASE(unknown_choices_of_the_group_are_found) {
  auto rules = supervision_rules{};
  rules.strategy = static_cast<restart_strategy>(3);
  rules.on_failure = static_cast<escalation>(4);
  rules.ends_with = static_cast<auto_shutdown>(5);
  const auto expected =
    lines{"strategy 3 is unknown", "on_failure 4 is unknown", "auto_shutdown 5 is unknown"};
  BOOST_TEST(wrong_with(rules) == expected, per_element());
}

BOOST_AUTO_TEST_CASE(all_mistakes_come_at_once_those_of_the_group_first) {
  auto rules = supervision_rules{};
  rules.drain_deadline = -1ms;
  auto a = child("a");
  a.stop_deadline = -1ms;
  a.hang_after = 0ms;
  auto nameless = child("");
  nameless.restart.start_deadline = -1ms;
  const auto expected = lines{"drain_deadline must not be negative, but is -1ms",
    "child \"a\": hang_after must be at least 2ms, but is 0ms",
    "child \"a\": stop_deadline must not be negative, but is -1ms", "child 2: it has no id",
    "child 2: start_deadline must not be negative, but is -1ms"};
  BOOST_TEST(mistakes_in(rules, {a, nameless}) == expected, per_element());
}

BOOST_AUTO_TEST_SUITE_END()
