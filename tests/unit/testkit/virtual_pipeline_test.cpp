// The testkit as a user would use it: a stage of one's own, on the bench and in a pipeline.
#include "actors/testkit.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace stage_bench_tests {

using strings = std::vector<std::string>;
using times = std::vector<std::chrono::milliseconds>;

constexpr auto window = 100ms;

/// Joins all that comes within 100 ms into one batch. Answers how many wait.
class joining_stage final : public stage {
public:
  release_mode releases() const override { return release_mode::manual; }

  void on_batch(const event_batch& batch, context& ctx) override {
    if (held_.empty())
      due_ = ctx.after(window);
    held_.add(batch);
  }
  void on_timer(timer_token token, context& ctx) override {
    if (token == due_)
      hand_on(ctx);
  }
  void on_room(context& ctx) override { hand_on(ctx); }
  void on_drain(context& ctx) override { hand_on(ctx); }
  result<event_batch> on_ask(const event_batch&, context&) override {
    return batch_of({std::to_string(held_.size()).c_str()});
  }

private:
  void hand_on(context& ctx) {
    const auto all = held_.finish();
    if (ctx.emit(all) == emit_result::full)
      held_.add(all);
    else
      ctx.release();
  }

  batch_builder held_;
  timer_token due_ = 0;
};

class passing_stage final : public stage {
public:
  release_mode releases() const override { return release_mode::manual; }
  void on_batch(const event_batch& batch, context& ctx) override {
    held_ = batch;
    on_room(ctx);
  }
  void on_room(context& ctx) override {
    if (ctx.emit(held_) != emit_result::full)
      ctx.release();
  }
  result<event_batch> on_ask(const event_batch& question, context& ctx) override {
    if (question[0].path == "/crash")
      ctx.fail("asked to");
    return question;
  }

private:
  event_batch held_;
};

auto joining() {
  return [] { return std::make_unique<joining_stage>(); };
}
auto passing() {
  return [] { return std::make_unique<passing_stage>(); };
}

strings lines_of(const std::vector<event_batch>& batches) {
  auto lines = strings{};
  for (const auto& batch : batches)
    for (auto& line : testkit::lines_of(batch))
      lines.push_back(std::move(line));
  return lines;
}

event_batch numbered(int n) {
  return batch_of({("/" + std::to_string(n)).c_str()});
}

} // namespace stage_bench_tests

BOOST_AUTO_TEST_SUITE(stage_bench_tests)

BOOST_AUTO_TEST_CASE(what_comes_within_the_window_goes_as_one) {
  auto bench = stage_bench{joining()};
  bench.give(batch_of({"/1"}));
  bench.pass(60ms);
  bench.give(batch_of({"/2", "/3"}));
  bench.pass(39ms);
  BOOST_TEST(bench.out.empty());
  BOOST_TEST(bench.unreleased() == 2u);
  bench.pass(1ms);
  BOOST_REQUIRE(bench.out.size() == 1u);
  BOOST_TEST(testkit::lines_of(bench.out[0]) == (strings{"modify /1", "modify /2", "modify /3"}),
    boost::test_tools::per_element());
  BOOST_TEST(bench.unreleased() == 0u);
  BOOST_TEST(bench.timers() == 0u);
}

BOOST_AUTO_TEST_CASE(a_crash_of_the_timer_brings_all_of_it_again_and_none_twice) {
  auto bench = stage_bench{joining()};
  bench.give(batch_of({"/1"}));
  bench.give(batch_of({"/2"}));
  bench.crash_next();
  bench.pass(window);
  BOOST_TEST(bench.is_dead());
  BOOST_TEST(bench.out.empty());
  bench.give(batch_of({"/3"})); // waits for the next incarnation
  BOOST_TEST(bench.unreleased() == 3u);
  bench.restart();
  bench.pass(window);
  BOOST_TEST(lines_of(bench.out) == (strings{"modify /1", "modify /2", "modify /3"}),
    boost::test_tools::per_element());
  BOOST_TEST(bench.unreleased() == 0u);
}

BOOST_AUTO_TEST_CASE(what_finds_no_room_stays_until_there_is_some) {
  auto bench = stage_bench{joining()};
  bench.limit_downstream(0);
  bench.give(batch_of({"/1"}));
  bench.pass(window);
  BOOST_TEST(bench.is_blocked());
  bench.give(batch_of({"/2"})); // not given to it
  bench.pass(10s);
  BOOST_TEST(bench.out.empty());
  BOOST_TEST(bench.unreleased() == 2u);
  bench.make_room();
  BOOST_TEST(lines_of(bench.out) == strings{"modify /1"}, boost::test_tools::per_element());
  bench.pass(window);
  BOOST_TEST(
    lines_of(bench.out) == (strings{"modify /1", "modify /2"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_drain_hands_on_what_is_held) {
  auto bench = stage_bench{joining()};
  bench.give(batch_of({"/1"}));
  bench.drain();
  BOOST_TEST(lines_of(bench.out) == strings{"modify /1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_question_is_answered_and_one_that_crashes_the_stage_is_not) {
  auto bench = stage_bench{joining()};
  bench.give(batch_of({"/1"}));
  const auto answer = bench.ask(batch_of({"?"}));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST((*answer)[0].path == "1");
  bench.crash_next();
  for (auto i = 0; i < 2; ++i) { // that one, and one to a dead stage
    const auto crashed = bench.ask(batch_of({"?"}));
    BOOST_REQUIRE(!crashed.has_value());
    BOOST_TEST((crashed.error().code == errc::crashed));
  }
  BOOST_TEST(bench.is_dead());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(virtual_pipeline_tests)

using namespace stage_bench_tests;

BOOST_AUTO_TEST_CASE(a_pipeline_hands_on_in_virtual_time_and_numbers_what_comes_out) {
  auto line = virtual_pipeline{};
  line.stage("first", passing()).stage("join", joining()).start();
  BOOST_TEST(line.is_ready());
  BOOST_TEST((line.push(batch_of({"/1"})) == emit_result::taken));
  line.pass(99ms);
  BOOST_TEST((line.push(batch_of({"/2"})) == emit_result::taken));
  BOOST_TEST(line.out().empty());
  line.pass(1ms);
  BOOST_REQUIRE(line.out().size() == 1u);
  BOOST_TEST(
    line.out_lines() == (strings{"modify /1", "modify /2"}), boost::test_tools::per_element());
  BOOST_TEST(line.out()[0].first_seq() == 1u);
  BOOST_TEST(line.since_start().count() == 100);
  line.stop();
  BOOST_TEST(line.is_done());
  BOOST_TEST(!line.has_failed());
  BOOST_TEST(line.why() == "stopped");
}

BOOST_AUTO_TEST_CASE(a_stage_that_crashes_on_everything_starts_at_0_1_3_7_15_and_31_seconds) {
  auto starts = times{};
  auto line = virtual_pipeline{};
  line
    .stage("x",
      scripted_stage::factory({.start = [&](context&) { starts.push_back(line.since_start()); }}))
    .faults("x:throw@1+")
    .start();
  for (auto i = 0; i < 20; ++i) // each batch crashes it, and each incarnation has one to crash on
    BOOST_TEST((line.push(numbered(i)) == emit_result::taken));
  line.pass(10min);
  BOOST_TEST((starts == times{0s, 1s, 3s, 7s, 15s, 31s}));
  BOOST_TEST(line.count("child_crashed") == 6u);
  BOOST_TEST(line.count("child_backing_off") == 5u);
  BOOST_TEST(line.count("fatal_error") == 1u);
  BOOST_TEST(line.has_failed());
  auto delays = times{};
  for (const auto& x : line.events())
    if (x.event == "child_backing_off")
      delays.push_back(x.delay);
  BOOST_TEST((delays == times{1s, 2s, 4s, 8s, 16s}));
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_or_doubled_over_crashes_of_every_stage) {
  auto line = virtual_pipeline{};
  line.stage("first", passing())
    .stage("join", joining())
    .stage("last", passing())
    .faults("first:throw@3,join:throw@5,join.on_timer:throw@2,last:throw@1,last:throw@4")
    .start();
  auto expected = strings{};
  for (auto i = 0; i < 40; ++i) {
    BOOST_TEST((line.push(numbered(i)) == emit_result::taken));
    expected.push_back("modify /" + std::to_string(i));
    line.pass(200ms);
  }
  line.pass(1min);
  BOOST_TEST(line.out_lines() == expected, boost::test_tools::per_element());
  BOOST_TEST(line.count("child_crashed") == 5u);
  auto next = std::uint64_t{1};
  for (const auto& batch : line.out()) { // no number is missing, none comes twice
    BOOST_TEST(batch.first_seq() == next);
    next += batch.size();
  }
  BOOST_TEST(line.is_ready());
  BOOST_TEST(line.health("first").restarts_total == 1u);
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_slow_holds_up_everybody_and_loses_nothing) {
  auto line = virtual_pipeline{};
  line.stage("x", passing()).mailbox("x", {.messages_max = 2}).output_room(2).start();
  line.hold_output();
  auto taken = 0;
  while (line.push(numbered(taken)) == emit_result::taken)
    ++taken;
  BOOST_TEST(taken == 4); // two in each mailbox
  BOOST_TEST((line.push(numbered(taken)) == emit_result::full));
  BOOST_TEST(line.health("x").mailbox.depth == 2u);
  line.pass(1h);
  BOOST_TEST(line.health("x").mailbox.depth == 2u);
  line.release_output();
  BOOST_TEST(line.health("x").mailbox.depth == 0u);
  BOOST_TEST((line.push(numbered(taken)) == emit_result::taken));
  BOOST_TEST(
    line.out_lines() == (strings{"modify /0", "modify /1", "modify /2", "modify /3", "modify /4"}),
    boost::test_tools::per_element());
  BOOST_TEST(line.health("x").mailbox.counters.refused == 2u);
}

BOOST_AUTO_TEST_CASE(a_question_is_answered_and_waits_for_a_stage_that_backs_off) {
  auto line = virtual_pipeline{};
  line.stage("x", passing()).start();
  const auto answer = line.ask("x", batch_of({"/1"}));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST((*answer)[0].path == "/1");
  const auto crashed = line.ask("x", batch_of({"/crash"}));
  BOOST_REQUIRE(!crashed.has_value());
  BOOST_TEST((crashed.error().code == errc::crashed));
  BOOST_TEST((line.health("x").state == child_state::backing_off));
  const auto in_vain = line.ask("x", batch_of({"/2"}), 400ms); // it is away for a second
  BOOST_REQUIRE(!in_vain.has_value());
  BOOST_TEST((in_vain.error().code == errc::unavailable));
  BOOST_TEST((in_vain.error().retry_after == 1s));
  BOOST_TEST(line.since_start().count() == 0);
  BOOST_TEST(line.ask("x", batch_of({"/3"}), 2s).has_value());
  BOOST_TEST(line.since_start().count() == 1000);
}

BOOST_AUTO_TEST_CASE(a_reset_starts_at_once_what_backs_off_or_has_failed) {
  auto options = supervise_options{};
  options.group.on_failure = escalation::isolate;
  options.restart.backoff.attempts_max = 1;
  auto line = virtual_pipeline{};
  line.stage("x", passing())
    .supervise(options)
    .faults("x.on_start:throw@1,x.on_start:throw@2")
    .start();
  BOOST_TEST((line.health("x").state == child_state::backing_off));
  BOOST_TEST(line.reset("x").has_value()); // and that start fails too
  BOOST_TEST((line.health("x").state == child_state::backing_off));
  BOOST_TEST(line.health("x").attempt == 1u);
  BOOST_TEST(line.reset("x").has_value());
  BOOST_TEST((line.health("x").state == child_state::ready));
  const auto again = line.reset("x");
  BOOST_REQUIRE(!again.has_value());
  BOOST_TEST((again.error().code == errc::invalid_argument));
  BOOST_TEST(line.since_start().count() == 0);
  BOOST_TEST(line.count("child_reset") == 2u);
}

BOOST_AUTO_TEST_CASE(events_and_log_lines_tell_the_same_story) {
  auto line = virtual_pipeline{};
  line.stage("x", passing()).faults("x:throw@1").start();
  line.push(numbered(1));
  line.pass(1s);
  auto story = strings{};
  for (const auto& x : line.events())
    if (x.child == "virtual/x")
      story.emplace_back(x.event);
  BOOST_TEST(story
               == (strings{"child_starting", "child_ready", "child_crashed", "child_backing_off",
                 "child_starting", "child_ready"}),
    boost::test_tools::per_element());
  const auto& lines = line.log_lines();
  BOOST_TEST(std::count_if(lines.begin(), lines.end(), [](const log_line& x) {
    return x.event == "child_crashed" && x.level == log_level::warning;
  }) == 1);
  BOOST_TEST(line.out_lines() == strings{"modify /1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(mistakes_of_a_test_are_told_at_the_start) {
  BOOST_CHECK_THROW(virtual_pipeline{}.faults("nonsense"), std::invalid_argument);
  const auto misnamed = [] { virtual_pipeline{}.stage("x", passing()).mailbox("y", {}).start(); };
  BOOST_CHECK_THROW(misnamed(), std::invalid_argument);
  const auto twice = [] { virtual_pipeline{}.stage("x", passing()).stage("x", passing()).start(); };
  BOOST_CHECK_THROW(twice(), std::invalid_argument);
  const auto taken = [] { virtual_pipeline{}.stage("probe", passing()).start(); };
  BOOST_CHECK_THROW(taken(), std::invalid_argument);
  auto line = virtual_pipeline{};
  line.stage("x", passing()).start();
  BOOST_CHECK_THROW(line.push("y", numbered(1)), std::invalid_argument);
  BOOST_CHECK_THROW(line.health("y"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
