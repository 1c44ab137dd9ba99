#include "actors/core/degradation.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

using namespace actors;
using namespace std::chrono_literals;

namespace degradation_tests {

struct fixture {
  time_point now{1h};
  degradation x;

  void note(trouble kind, const char* text) { x.note(kind, text, now); }

  /// What is shown after so long, looked at only when it says it may change.
  std::string pass(std::chrono::nanoseconds span) {
    const auto target = now + span;
    for (auto due = x.next_due(); due && *due <= target; due = x.next_due()) {
      now = std::max(now, *due);
      shown = x.shown(now);
    }
    now = target;
    return shown;
  }

  std::string shown;
};

} // namespace degradation_tests

BOOST_FIXTURE_TEST_SUITE(degradation_tests, fixture)

BOOST_AUTO_TEST_CASE(at_first_all_is_well_and_nothing_is_due) {
  BOOST_TEST(x.shown(now) == "");
  BOOST_TEST(!x.next_due().has_value());
  BOOST_TEST(x.is_over());
}

BOOST_AUTO_TEST_CASE(what_the_child_reports_is_shown_at_once) {
  note(trouble::reported, "no peer");
  BOOST_TEST(x.shown(now) == "no peer");
  BOOST_TEST(!x.next_due().has_value()); // it lasts until somebody says otherwise
  BOOST_TEST(!x.is_over());
}

BOOST_AUTO_TEST_CASE(a_late_handler_is_shown_at_once) {
  note(trouble::late, "15s in on_batch");
  BOOST_TEST(x.shown(now) == "15s in on_batch");
}

BOOST_AUTO_TEST_CASE(a_newer_text_of_the_same_trouble_replaces_the_older) {
  note(trouble::reported, "no peer");
  note(trouble::reported, "a slow peer");
  BOOST_TEST(x.shown(now) == "a slow peer");
}

BOOST_AUTO_TEST_CASE(pressure_is_shown_when_it_has_lasted_five_seconds) {
  note(trouble::pressure, "full");
  BOOST_TEST((*x.next_due() == now + 5s));
  BOOST_TEST(!x.is_over());
  BOOST_TEST(pass(5s - 1ms) == "");
  BOOST_TEST(pass(1ms) == "full");
}

BOOST_AUTO_TEST_CASE(pressure_told_again_does_not_begin_anew) {
  note(trouble::pressure, "full");
  pass(3s);
  note(trouble::pressure, "fuller");
  BOOST_TEST(pass(2s) == "fuller");
}

BOOST_AUTO_TEST_CASE(a_burst_is_no_trouble) {
  note(trouble::pressure, "full");
  pass(4s);
  note(trouble::pressure, "");
  BOOST_TEST(x.is_over());
  pass(1s);
  note(trouble::pressure, "full");
  BOOST_TEST(pass(5s - 1ms) == "");
}

BOOST_AUTO_TEST_CASE(a_trouble_that_is_gone_is_shown_for_two_more_seconds) {
  note(trouble::reported, "no peer");
  pass(10s);
  note(trouble::reported, "");
  BOOST_TEST((*x.next_due() == now + 2s));
  BOOST_TEST(x.shown(now) == "no peer");
  BOOST_TEST(x.shown(now + 2s - 1ms) == "no peer");
  BOOST_TEST(!x.is_over());
  BOOST_TEST(x.shown(now + 2s) == "");
  BOOST_TEST(x.is_over());
}

BOOST_AUTO_TEST_CASE(a_trouble_that_comes_back_in_that_time_never_went) {
  note(trouble::reported, "no peer");
  for (int i = 0; i < 10; ++i) {
    note(trouble::reported, "");
    BOOST_TEST(x.shown(now += 1'999ms) == "no peer");
    note(trouble::reported, "no peer");
    BOOST_TEST(x.shown(now += 1ms) == "no peer");
  }
}

BOOST_AUTO_TEST_CASE(the_two_seconds_count_from_the_end_of_the_last_trouble) {
  note(trouble::reported, "no peer");
  note(trouble::late, "late");
  note(trouble::reported, "");
  pass(1s);
  note(trouble::late, "");
  BOOST_TEST(x.shown(now + 2s - 1ms) == "late");
  BOOST_TEST(x.shown(now + 2s) == "");
}

BOOST_AUTO_TEST_CASE(what_the_child_says_itself_comes_before_pressure_and_pressure_before_late) {
  note(trouble::late, "late");
  note(trouble::pressure, "full");
  note(trouble::reported, "no peer");
  BOOST_TEST(pass(5s) == "no peer");
  note(trouble::reported, "");
  BOOST_TEST(x.shown(now) == "full");
  note(trouble::pressure, "");
  BOOST_TEST(x.shown(now) == "late");
}

BOOST_AUTO_TEST_CASE(pressure_that_begins_to_count_behind_another_trouble_is_due_too) {
  note(trouble::late, "late");
  note(trouble::pressure, "full");
  BOOST_TEST((x.next_due() == std::optional{now + 5s}));
  BOOST_TEST(pass(5s) == "full");
}

BOOST_AUTO_TEST_CASE(pressure_that_begins_to_count_while_a_recovery_is_held_is_shown) {
  note(trouble::pressure, "full");
  note(trouble::reported, "no peer");
  pass(4s);
  note(trouble::reported, "");
  BOOST_TEST(pass(1s) == "full");
}

BOOST_AUTO_TEST_CASE(the_next_instance_has_nothing_to_do_with_what_the_last_one_said) {
  note(trouble::reported, "no peer");
  note(trouble::late, "late");
  x.begin_anew();
  BOOST_TEST(x.shown(now) == "");
  BOOST_TEST(x.is_over());
}

BOOST_AUTO_TEST_CASE(a_recovery_that_was_held_is_not_held_for_the_next_instance) {
  note(trouble::reported, "no peer");
  note(trouble::reported, "");
  x.begin_anew();
  BOOST_TEST(x.shown(now) == "");
  BOOST_TEST(x.is_over());
}

BOOST_AUTO_TEST_CASE(the_next_instance_inherits_the_pressure_of_its_mailbox) {
  note(trouble::pressure, "full");
  pass(5s);
  x.begin_anew();
  BOOST_TEST(!x.is_over());
  BOOST_TEST(x.shown(now) == "full");
}

BOOST_AUTO_TEST_CASE(the_end_of_a_trouble_nobody_had_is_nothing) {
  note(trouble::late, "");
  BOOST_TEST(x.shown(now) == "");
  BOOST_TEST(x.is_over());
}

// Who looks only when something is due sees what one sees who looks each millisecond.
BOOST_DATA_TEST_CASE_F(fixture, between_two_due_times_nothing_changes_by_itself,
  boost::unit_test::data::xrange(50), seed) {
  auto random = std::mt19937{static_cast<unsigned>(seed)};
  auto pick = [&](int below) { return std::uniform_int_distribution{0, below - 1}(random); };
  auto watched = degradation{};
  for (int i = 0; i < 20; ++i) {
    const auto kind = static_cast<trouble>(pick(3));
    const auto text = pick(2) == 0 ? std::string{} : std::to_string(pick(3));
    x.note(kind, text, now);
    watched.note(kind, text, now);
    shown = x.shown(now);
    const auto begin = now;
    const auto span = std::chrono::milliseconds{pick(4'000)};
    for (auto passed = 0ms; passed <= span; passed += 10ms) {
      pass(begin + passed - now);
      BOOST_REQUIRE_EQUAL(shown, watched.shown(begin + passed));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
