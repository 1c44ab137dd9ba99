#include "actors/core/restart_state.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <string>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;
using order = restart_state::order;

namespace restart_state_tests {

const auto all_states = {child_state::waiting, child_state::starting, child_state::ready,
  child_state::degraded, child_state::backing_off, child_state::stopping, child_state::stopped,
  child_state::failed};

constexpr auto origin = time_point{1h};

restart_rules rules_of(restart_type type) {
  auto rules = restart_rules{};
  rules.type = type;
  return rules;
}

/// A child of incarnation 1 (0 when it waits), brought into `state` at `origin`.
restart_state child_in(child_state state, restart_type type = restart_type::permanent) {
  auto rules = rules_of(type);
  if (state == child_state::failed)
    rules.backoff.attempts_max = 0;
  auto child = restart_state{rules};
  if (state == child_state::waiting)
    return child;
  child.start(origin);
  if (state == child_state::starting)
    return child;
  child.ready(1, origin);
  switch (state) {
    case child_state::degraded: child.degraded(1, "slow", origin); break;
    case child_state::backing_off: child.start_at(origin + 1s, origin); break;
    case child_state::stopping: child.stop(origin); break;
    case child_state::stopped:
      child.stop(origin);
      child.stopped(1, origin);
      break;
    case child_state::failed: child.crashed(1, "broken", origin); break;
    default: break;
  }
  BOOST_REQUIRE(child.state() == state);
  return child;
}

/// What a call must answer in a state, and where it must lead.
template <class Answer>
struct row {
  child_state from;
  Answer answer;
  child_state to;
};

/// Makes `call` in every state that the type can be in; those without a row must answer `otherwise`
/// and stay.
template <class Answer, class Call>
void check(Call call, Answer otherwise, std::initializer_list<row<Answer>> rows,
  restart_type type = restart_type::permanent) {
  for (auto from : all_states) {
    if (from == child_state::failed && type == restart_type::temporary)
      continue; // it is never restarted, so it never gives up
    auto expected = row<Answer>{from, otherwise, from};
    for (const auto& x : rows)
      if (x.from == from)
        expected = x;
    auto child = child_in(from, type);
    const auto answer = call(child);
    BOOST_TEST((answer == expected.answer),
      "in " << name_of(from) << ": answer " << static_cast<int>(answer));
    BOOST_TEST(
      (child.state() == expected.to), "from " << name_of(from) << " to " << name_of(child.state()));
  }
}

constexpr auto later = origin + 100ms;

/// Plays one permanent child with the default rules: waits of 1, 2, 4, 8, 16 s, stable after 32 s.
struct fixture {
  time_point now = origin;
  restart_state child{restart_rules{}};

  void start_ready() {
    child.start(now);
    child.ready(child.incarnation(), now);
  }

  order crash() { return child.crashed(child.incarnation(), "broken", now); }

  /// Crashes, waits for the restart, and is ready again.
  void crash_and_recover() {
    crash();
    now = *child.next_due();
    BOOST_REQUIRE((child.tick(now) == order::start));
    child.ready(child.incarnation(), now);
  }

  std::chrono::nanoseconds wait() const { return *child.next_try() - now; }
};

} // namespace restart_state_tests

BOOST_FIXTURE_TEST_SUITE(restart_state_tests, fixture)

// -- the table of states, call by call ------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_start_is_obeyed_where_no_instance_exists) {
  check([](restart_state& x) { return x.start(later); }, order::nothing,
    {{child_state::waiting, order::start, child_state::starting},
      {child_state::backing_off, order::start, child_state::starting},
      {child_state::stopped, order::start, child_state::starting},
      {child_state::failed, order::start, child_state::starting}});
}

BOOST_AUTO_TEST_CASE(ready_counts_only_while_starting) {
  check([](restart_state& x) { return x.ready(x.incarnation(), later); }, false,
    {{child_state::starting, true, child_state::ready}});
}

BOOST_AUTO_TEST_CASE(degradation_counts_only_once_and_only_while_ready) {
  check([](restart_state& x) { return x.degraded(x.incarnation(), "slow", later); }, false,
    {{child_state::ready, true, child_state::degraded}});
}

BOOST_AUTO_TEST_CASE(an_end_of_degradation_counts_only_while_degraded) {
  check([](restart_state& x) { return x.degraded(x.incarnation(), "", later); }, false,
    {{child_state::degraded, true, child_state::ready}});
}

BOOST_AUTO_TEST_CASE(a_crash_backs_off_where_an_instance_works) {
  for (auto type : {restart_type::permanent, restart_type::transient})
    check([](restart_state& x) { return x.crashed(x.incarnation(), "broken", later); },
      order::nothing,
      {{child_state::starting, order::back_off, child_state::backing_off},
        {child_state::ready, order::back_off, child_state::backing_off},
        {child_state::degraded, order::back_off, child_state::backing_off},
        {child_state::stopping, order::retire, child_state::stopped}},
      type);
}

BOOST_AUTO_TEST_CASE(a_crash_of_a_temporary_child_retires_it) {
  check([](restart_state& x) { return x.crashed(x.incarnation(), "broken", later); },
    order::nothing,
    {{child_state::starting, order::retire, child_state::stopped},
      {child_state::ready, order::retire, child_state::stopped},
      {child_state::degraded, order::retire, child_state::stopped},
      {child_state::stopping, order::retire, child_state::stopped}},
    restart_type::temporary);
}

BOOST_AUTO_TEST_CASE(a_normal_end_of_a_permanent_child_backs_off) {
  check([](restart_state& x) { return x.ended(x.incarnation(), later); }, order::nothing,
    {{child_state::starting, order::back_off, child_state::backing_off},
      {child_state::ready, order::back_off, child_state::backing_off},
      {child_state::degraded, order::back_off, child_state::backing_off},
      {child_state::stopping, order::retire, child_state::stopped}});
}

BOOST_AUTO_TEST_CASE(a_normal_end_of_any_other_child_retires_it) {
  for (auto type : {restart_type::transient, restart_type::temporary})
    check([](restart_state& x) { return x.ended(x.incarnation(), later); }, order::nothing,
      {{child_state::starting, order::retire, child_state::stopped},
        {child_state::ready, order::retire, child_state::stopped},
        {child_state::degraded, order::retire, child_state::stopped},
        {child_state::stopping, order::retire, child_state::stopped}},
      type);
}

BOOST_AUTO_TEST_CASE(a_stop_is_told_to_an_instance_and_is_done_where_there_is_none) {
  check([](restart_state& x) { return x.stop(later); }, false,
    {{child_state::waiting, false, child_state::stopped},
      {child_state::starting, true, child_state::stopping},
      {child_state::ready, true, child_state::stopping},
      {child_state::degraded, true, child_state::stopping},
      {child_state::backing_off, false, child_state::stopped},
      {child_state::stopping, true, child_state::stopping}});
}

BOOST_AUTO_TEST_CASE(stopped_counts_only_while_stopping) {
  check([](restart_state& x) { return x.stopped(x.incarnation(), later); }, false,
    {{child_state::stopping, true, child_state::stopped}});
}

BOOST_AUTO_TEST_CASE(a_reset_lets_a_failed_or_stopped_child_wait_again) {
  check(
    [](restart_state& x) {
      x.reset(later);
      return x.attempt();
    },
    0u,
    {{child_state::failed, 0u, child_state::waiting},
      {child_state::stopped, 0u, child_state::waiting}});
}

BOOST_AUTO_TEST_CASE(a_tick_before_its_time_does_nothing) {
  check([](restart_state& x) { return x.tick(later); }, order::nothing, {});
}

BOOST_AUTO_TEST_CASE(a_tick_after_a_long_time_starts_what_backs_off_and_finds_a_start_overdue) {
  check([](restart_state& x) { return x.tick(origin + 24h); }, order::nothing,
    {{child_state::starting, order::overdue, child_state::starting},
      {child_state::backing_off, order::start, child_state::starting}});
}

BOOST_AUTO_TEST_CASE(reports_of_another_incarnation_are_ignored_in_every_state) {
  for (auto off : {-1, 1, 7}) {
    const auto other = [off](const restart_state& x) {
      return x.incarnation() + static_cast<std::uint64_t>(off);
    };
    check([&](restart_state& x) { return x.ready(other(x), later); }, false, {});
    check([&](restart_state& x) { return x.degraded(other(x), "slow", later); }, false, {});
    check([&](restart_state& x) { return x.degraded(other(x), "", later); }, false, {});
    check([&](restart_state& x) { return x.crashed(other(x), "old", later); }, order::nothing, {});
    check([&](restart_state& x) { return x.ended(other(x), later); }, order::nothing, {});
    check([&](restart_state& x) { return x.stopped(other(x), later); }, false, {});
  }
}

BOOST_AUTO_TEST_CASE(a_stale_crash_leaves_no_trace) {
  auto x = child_in(child_state::ready);
  x.crashed(0, "of another life", later);
  BOOST_TEST(x.attempt() == 0u);
  BOOST_TEST(x.last_error() == "");
  BOOST_TEST((x.since() == origin));
}

// -- counting -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(crashes_in_a_row_wait_1_2_4_8_16_seconds_and_the_sixth_fails) {
  start_ready();
  for (auto expected : {1s, 2s, 4s, 8s, 16s}) {
    BOOST_REQUIRE((crash() == order::back_off));
    BOOST_TEST((wait() == expected));
    now += expected;
    BOOST_REQUIRE((child.tick(now) == order::start));
    child.ready(child.incarnation(), now);
  }
  BOOST_TEST((crash() == order::give_up));
  BOOST_TEST((child.state() == child_state::failed));
  BOOST_TEST((now - origin == 31s));
}

BOOST_AUTO_TEST_CASE(a_failed_child_never_becomes_due) {
  auto x = child_in(child_state::failed);
  BOOST_TEST(!x.next_due().has_value());
  BOOST_TEST((x.tick(origin + 24h) == order::nothing));
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_waits_like_a_crash) {
  child.start(now);
  for (auto expected : {1s, 2s, 4s, 8s, 16s}) {
    BOOST_REQUIRE((crash() == order::back_off)); // never ready
    BOOST_TEST((wait() == expected));
    now += expected;
    BOOST_REQUIRE((child.tick(now) == order::start));
  }
  BOOST_TEST((crash() == order::give_up));
}

BOOST_AUTO_TEST_CASE(the_wait_ends_at_its_time_and_not_a_millisecond_before) {
  start_ready();
  crash();
  BOOST_TEST((child.tick(now + 999ms) == order::nothing));
  BOOST_TEST((child.tick(now + 1s) == order::start));
}

BOOST_AUTO_TEST_CASE(chance_spreads_the_wait) {
  auto rules = restart_rules{};
  rules.backoff.jitter = 0.2;
  child = restart_state{rules};
  start_ready();
  child.crashed(1, "broken", now, 0.0);
  BOOST_TEST((wait() == 800ms));
}

BOOST_AUTO_TEST_CASE(case_16_a_crash_after_31_9_seconds_counts_on) {
  start_ready();
  crash_and_recover();
  now += 31'900ms;
  crash();
  BOOST_TEST((wait() == 2s));
}

BOOST_AUTO_TEST_CASE(case_16_a_crash_after_32_1_seconds_counts_anew) {
  start_ready();
  crash_and_recover();
  now += 32'100ms;
  crash();
  BOOST_TEST((wait() == 1s));
}

BOOST_AUTO_TEST_CASE(stability_is_reached_at_32_seconds_sharp) {
  start_ready();
  crash_and_recover();
  now += 32s;
  crash();
  BOOST_TEST((wait() == 1s));
}

BOOST_AUTO_TEST_CASE(a_timer_forgets_the_attempts_of_a_stable_child) {
  start_ready();
  crash_and_recover();
  BOOST_TEST((child.next_due() == now + 32s));
  child.tick(now + 32s - 1ms);
  BOOST_TEST(child.attempt() == 1u);
  child.tick(now + 32s);
  BOOST_TEST(child.attempt() == 0u);
}

BOOST_AUTO_TEST_CASE(a_child_that_never_crashed_needs_no_timer) {
  start_ready();
  BOOST_TEST(!child.next_due().has_value());
}

BOOST_AUTO_TEST_CASE(case_17_the_stable_timer_of_a_dead_incarnation_resets_nothing) {
  start_ready();
  crash_and_recover(); // its stable timer pends from here
  const auto stale = now + 32s;
  now += 10s;
  crash_and_recover();
  BOOST_TEST((child.tick(stale) == order::nothing));
  BOOST_TEST(child.attempt() == 2u);
}

BOOST_AUTO_TEST_CASE(degraded_time_counts_as_stable) {
  start_ready();
  crash_and_recover();
  child.degraded(child.incarnation(), "slow", now + 10s);
  child.degraded(child.incarnation(), "", now + 20s);
  child.degraded(child.incarnation(), "slow again", now + 31s);
  now += 32s;
  crash();
  BOOST_TEST((wait() == 1s));
}

BOOST_AUTO_TEST_CASE(the_time_of_starting_does_not_count_as_stable) {
  start_ready();
  crash();
  now += 1s;
  child.tick(now);
  child.progressed(now + 30s);
  child.ready(child.incarnation(), now + 30s);
  now += 40s; // ready for ten of them
  crash();
  BOOST_TEST((wait() == 2s));
}

BOOST_AUTO_TEST_CASE(a_long_start_that_crashes_resets_nothing) {
  start_ready();
  crash();
  now += 1s;
  child.tick(now);
  now += 1h;
  crash();
  BOOST_TEST((wait() == 2s));
}

BOOST_AUTO_TEST_CASE(a_reset_forgets_the_attempts) {
  start_ready();
  crash_and_recover();
  child.reset(now);
  BOOST_TEST((child.state() == child_state::ready));
  crash();
  BOOST_TEST((wait() == 1s));
}

BOOST_AUTO_TEST_CASE(a_restart_with_the_siblings_is_not_charged) {
  start_ready();
  child.stop(now);
  child.stopped(1, now);
  child.start_at(now + 3s, now);
  BOOST_TEST(child.attempt() == 0u);
  BOOST_TEST((child.next_try() == now + 3s));
  BOOST_TEST((child.tick(now + 3s) == order::start));
  BOOST_TEST(child.incarnation() == 2u);
}

BOOST_AUTO_TEST_CASE(each_start_is_another_incarnation_and_all_but_the_first_a_restart) {
  start_ready();
  BOOST_TEST(child.incarnation() == 1u);
  BOOST_TEST(child.restarts_total() == 0u);
  crash_and_recover();
  crash_and_recover();
  BOOST_TEST(child.incarnation() == 3u);
  BOOST_TEST(child.restarts_total() == 2u);
}

BOOST_AUTO_TEST_CASE(the_count_of_restarts_survives_stability_and_resets) {
  start_ready();
  crash_and_recover();
  child.tick(now + 32s);
  child.reset(now + 33s);
  BOOST_TEST(child.restarts_total() == 1u);
}

BOOST_AUTO_TEST_CASE(a_start_that_is_ignored_is_no_incarnation) {
  start_ready();
  child.start(now);
  BOOST_TEST(child.incarnation() == 1u);
}

BOOST_AUTO_TEST_CASE(after_a_stop_while_backing_off_it_never_starts) {
  start_ready();
  crash();
  child.stop(now);
  BOOST_TEST(!child.next_due().has_value());
  BOOST_TEST((child.tick(now + 24h) == order::nothing));
}

// -- the start deadline ---------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_start_is_overdue_after_ten_seconds_without_progress) {
  child.start(now);
  BOOST_TEST((child.next_due() == now + 10s));
  BOOST_TEST((child.tick(now + 10s - 1ms) == order::nothing));
  BOOST_TEST((child.tick(now + 10s) == order::overdue));
}

BOOST_AUTO_TEST_CASE(progress_puts_the_start_deadline_off) {
  child.start(now);
  child.progressed(now + 9s);
  BOOST_TEST((child.tick(now + 10s) == order::nothing));
  BOOST_TEST((child.tick(now + 19s) == order::overdue));
}

BOOST_AUTO_TEST_CASE(progress_told_late_does_not_bring_the_deadline_forward) {
  child.start(now);
  child.progressed(now + 5s);
  child.progressed(now + 2s);
  BOOST_TEST((child.next_due() == now + 15s));
}

BOOST_AUTO_TEST_CASE(a_restart_has_the_whole_deadline_again) {
  start_ready();
  crash();
  now += 1s;
  child.tick(now);
  BOOST_TEST((child.next_due() == now + 10s));
}

// -- what health shows ----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_time_of_the_last_change_of_state_is_kept) {
  start_ready();
  now += 5s;
  crash();
  BOOST_TEST((child.since() == origin + 5s));
}

BOOST_AUTO_TEST_CASE(a_stop_of_what_is_stopped_changes_nothing) {
  auto x = child_in(child_state::stopped);
  x.stop(later);
  BOOST_TEST((x.since() == origin));
}

BOOST_AUTO_TEST_CASE(a_next_try_is_told_only_while_backing_off) {
  for (auto state : all_states)
    BOOST_TEST(child_in(state).next_try().has_value() == (state == child_state::backing_off),
      name_of(state));
}

BOOST_AUTO_TEST_CASE(the_last_error_is_kept_through_the_restart) {
  start_ready();
  crash_and_recover();
  BOOST_TEST(child.last_error() == "broken");
}

BOOST_AUTO_TEST_CASE(a_degradation_is_an_error_to_tell) {
  start_ready();
  child.degraded(1, "disk slow", now);
  child.degraded(1, "disk slower", now);
  BOOST_TEST(child.last_error() == "disk slower");
}

BOOST_AUTO_TEST_CASE(an_error_text_is_cut_at_256_bytes) {
  start_ready();
  child.crashed(1, std::string(255, 'a') + "bc", now);
  BOOST_TEST(child.last_error() == std::string(255, 'a') + "b");
}

BOOST_AUTO_TEST_CASE(an_error_text_of_256_bytes_is_kept_whole) {
  start_ready();
  child.crashed(1, std::string(256, 'a'), now);
  BOOST_TEST(child.last_error() == std::string(256, 'a'));
}

BOOST_AUTO_TEST_SUITE_END()
