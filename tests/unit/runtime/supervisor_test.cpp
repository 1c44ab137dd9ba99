#include "actors/testkit/batches.hpp"
#include "support/supervised.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace supervisor_tests {

using times = std::vector<std::chrono::milliseconds>;

const auto schedule = times{0s, 1s, 3s, 7s, 15s, 31s};

struct fixture : supervised {
  times starts;

  void note_start() { starts.push_back(since_start()); }

  /// Three children that write down each start and end: "+a", "-a".
  void three(restart_strategy strategy) {
    spec.supervision.strategy = strategy;
    for (const auto* name : {"a", "b", "c"})
      child(name, stage_factory{[this, name] { return std::make_unique<witnessed>(name, story); }});
    start();
    BOOST_TEST(story == "+a+b+c");
    story.clear();
  }

  class witnessed final : public stage {
  public:
    witnessed(std::string name, std::string& story) : name_{std::move(name)}, story_{story} {
      story_ += "+" + name_;
    }
    ~witnessed() override { story_ += "-" + name_; }
    void on_batch(const event_batch& batch, context& ctx) override {
      if (batch[0].path == "crash" && !std::exchange(crashed(), true))
        ctx.fail("told to");
    }
    static bool& crashed() {
      static auto once = false;
      return once;
    }

  private:
    std::string name_;
    std::string& story_;
  };

  std::string story;
  std::vector<event_batch> held;

  fixture() { witnessed::crashed() = false; }
  ~fixture() { // the stages write into the story as long as they live
    running->request_stop();
    settle();
  }
};

} // namespace supervisor_tests

BOOST_FIXTURE_TEST_SUITE(supervisor_tests, fixture)

BOOST_AUTO_TEST_CASE(a_child_that_cannot_start_is_tried_at_0_1_3_7_15_31_seconds_then_given_up) {
  child("bad", {.start = [this](context& ctx) {
    note_start();
    ctx.fail("no such thing");
  }});
  start();
  pass(31s);
  BOOST_TEST((starts == schedule));
  BOOST_TEST(logged("fatal_error") == 1);
  BOOST_TEST(logged("child_failed") == 1);
  BOOST_TEST(logged("child_backing_off") == 5);
  BOOST_TEST(running->is_done());
  BOOST_TEST(running->end().failed);
  pass(10min);
  BOOST_TEST(starts.size() == schedule.size());
  BOOST_TEST(logged("fatal_error") == 1);
}

BOOST_AUTO_TEST_CASE(a_factory_that_throws_backs_off_like_a_crash) {
  child("bad", stage_factory{[this]() -> std::unique_ptr<stage> {
    note_start();
    throw std::runtime_error{"no memory"};
  }});
  start();
  pass(10min);
  BOOST_TEST((starts == schedule));
  BOOST_TEST(logged("fatal_error") == 1);
}

BOOST_AUTO_TEST_CASE(a_child_that_crashes_in_a_handler_at_once_has_the_same_schedule) {
  child("bad", {.start =
                   [this](context& ctx) {
                     note_start();
                     ctx.after(0ms);
                   },
                 .timer = [](timer_token, context& ctx) { ctx.fail("again"); }});
  start();
  pass(10min);
  BOOST_TEST((starts == schedule));
  BOOST_TEST(logged("fatal_error") == 1);
  BOOST_TEST(logged("child_ready") == 6);
}

BOOST_AUTO_TEST_CASE(
  failed_starts_follow_a_crash_on_the_same_schedule_and_health_answers_meanwhile) {
  child("shaky", {.start =
                     [this](context& ctx) {
                       note_start();
                       if (starts.size() == 2 || starts.size() == 3)
                         ctx.fail("not yet");
                     },
                   .batch = [](const event_batch&, context& ctx) { ctx.fail("crash"); }});
  start();
  push(0, batch_of({"/x"}));
  pass(500ms);
  const auto row = health().front();
  BOOST_TEST((row.state == child_state::backing_off));
  BOOST_TEST(row.next_try_in.value().count() == 500);
  BOOST_TEST(row.attempt == 1u);
  mailbox(0).close(); // else the batch would crash it again
  pass(20s);
  BOOST_TEST((starts == times{0s, 1s, 3s, 7s}));
  BOOST_TEST((health().front().state == child_state::ready));
}

BOOST_AUTO_TEST_CASE(attempts_are_forgotten_after_32_seconds_of_service_and_not_earlier) {
  for (const auto& [service, second_delay] : {std::pair{31'900ms, 2s}, std::pair{32'100ms, 1s}}) {
    auto once = supervised{};
    auto tries = times{};
    auto runs = std::vector<std::chrono::milliseconds>{0ms, service};
    once.child("c", {.start =
                        [&](context& ctx) {
                          tries.push_back(once.since_start());
                          if (tries.size() <= runs.size())
                            ctx.after(runs[tries.size() - 1]);
                        },
                      .timer = [](timer_token, context& ctx) { ctx.fail("crash"); }});
    once.start();
    once.pass(60s);
    BOOST_TEST((tries == times{0s, 1s, 1s + service + second_delay}));
  }
  child("unused", stage_script{});
  start();
}

BOOST_AUTO_TEST_CASE(the_stable_timer_of_an_earlier_incarnation_resets_nothing) {
  const auto runs = times{0ms, 20s, 11s}; // crashes at 0, 21 and 34 s; the stale timer is due at 33
  child("c", {.start =
                 [&](context& ctx) {
                   note_start();
                   if (starts.size() <= runs.size())
                     ctx.after(runs[starts.size() - 1]);
                 },
               .timer = [](timer_token, context& ctx) { ctx.fail("crash"); }});
  start();
  pass(60s);
  BOOST_TEST((starts == times{0s, 1s, 23s, 38s}));
}

BOOST_AUTO_TEST_CASE(rest_for_one_restarts_the_crashed_child_and_those_after_it_in_order) {
  three(restart_strategy::rest_for_one);
  push(1, batch_of({"crash"}));
  settle();
  BOOST_TEST(story == "-b-c");
  pass(999ms);
  BOOST_TEST(story == "-b-c");
  pass(1ms);
  BOOST_TEST(story == "-b-c+b+c");
}

BOOST_AUTO_TEST_CASE(one_for_all_restarts_every_child_in_order) {
  three(restart_strategy::one_for_all);
  push(1, batch_of({"crash"}));
  pass(1s);
  BOOST_TEST(story == "-b-c-a+a+b+c");
  BOOST_TEST(running->is_ready(now()));
}

BOOST_AUTO_TEST_CASE(one_for_one_leaves_the_siblings_alone) {
  three(restart_strategy::one_for_one);
  push(1, batch_of({"crash"}));
  pass(1s);
  BOOST_TEST(story == "-b+b");
}

BOOST_AUTO_TEST_CASE(a_stop_works_off_what_was_accepted_and_ends_last_child_first) {
  auto delivered = std::vector<std::string>{};
  child("end", {.batch = [&](const event_batch& batch, context&) {
    for (auto& line : lines_of(batch))
      delivered.push_back(line);
  }});
  child("folding",
    {.batch = [&](const event_batch& batch, context&) { held.push_back(batch); },
      .drain =
        [&](context& ctx) {
          for (auto& batch : std::exchange(held, {}))
            BOOST_TEST((ctx.emit(batch) == emit_result::taken));
          ctx.release();
        },
      .releases = release_mode::manual},
    0);
  start();
  push(1, batch_of({"/1", "/2"}));
  push(1, batch_of({"/3"}));
  running->request_stop();
  settle();
  BOOST_TEST(running->is_done());
  BOOST_TEST((delivered == std::vector<std::string>{"modify /1", "modify /2", "modify /3"}));
  BOOST_TEST(running->end().undelivered == 0u);
  BOOST_TEST(running->end().text == "stopped");
  auto stopped = std::vector<std::string>{};
  for (const auto& line : lines)
    if (line.event == "child_stopped")
      stopped.push_back(field(line, "child"));
  BOOST_TEST((stopped == std::vector<std::string>{"p/folding", "p/end"}));
}

BOOST_AUTO_TEST_CASE(a_child_that_backs_off_is_never_started_again_after_a_stop) {
  child("bad", {.start = [this](context& ctx) {
    note_start();
    ctx.fail("no");
  }});
  start();
  running->request_stop();
  settle();
  BOOST_TEST(running->is_done());
  BOOST_TEST(!running->end().failed);
  pass(1h);
  BOOST_TEST(starts.size() == 1u);
  BOOST_TEST(logged("fatal_error") == 0);
}

BOOST_AUTO_TEST_CASE(a_drain_that_never_ends_is_cut_off_at_its_deadline) {
  child("end", {.batch = [](const event_batch&, context& ctx) { ctx.fail("poison"); }});
  child("stuck",
    {.batch = [&](const event_batch& batch, context& ctx) { static_cast<void>(ctx.emit(batch)); }},
    0);
  spec.children[0].mailbox.messages_max = 1;
  spec.children[0].rules.restart.backoff = {.base = 1h, .cap = 1h, .stable_after = 1h};
  start();
  push(1, batch_of({"/1"}));
  push(1, batch_of({"/2"}));
  push(1, batch_of({"/3"}));
  settle();
  running->request_stop();
  pass(20s);
  BOOST_TEST(running->is_done());
  BOOST_TEST(running->end().undelivered > 0u);
  BOOST_TEST(running->end().abandoned.empty());
}

BOOST_AUTO_TEST_CASE(health_tells_what_was_why_and_when_it_is_tried_next) {
  child("end", {.batch = [](const event_batch&, context& ctx) { ctx.fail("disk is full"); }});
  child("idle", stage_script{}, 0);
  start();
  for (const auto& row : health()) {
    BOOST_TEST((row.state == child_state::ready));
    BOOST_TEST(!row.next_try_in.has_value());
    BOOST_TEST(row.incarnation == 1u);
    BOOST_TEST(row.last_error == "");
  }
  push(0, batch_of({"/1"}));
  push(0, batch_of({"/2"}));
  pass(300ms);
  const auto rows = health();
  BOOST_REQUIRE(rows.size() == 2u);
  BOOST_TEST(rows[0].id == "p/end");
  BOOST_TEST((rows[0].state == child_state::backing_off));
  BOOST_TEST(rows[0].since.count() == 300);
  BOOST_TEST(rows[0].next_try_in.value().count() == 700);
  BOOST_TEST(rows[0].attempt == 1u);
  BOOST_TEST(rows[0].attempts_max == 5u);
  BOOST_TEST(rows[0].last_error == "disk is full (in on_batch)");
  BOOST_TEST(rows[0].mailbox.depth == 2u);
  BOOST_TEST(rows[0].mailbox.capacity == 1024u);
  BOOST_TEST(rows[0].restarts_total == 0u);
  BOOST_TEST((rows[1].state == child_state::ready));
  BOOST_TEST(!running->is_ready(now()));
  pass(700ms);
  BOOST_TEST(health()[0].restarts_total == 1u);
  BOOST_TEST(health()[0].last_error == "disk is full (in on_batch)");
}

BOOST_AUTO_TEST_CASE(degradation_is_told_once_an_edge) {
  child("c", {.batch = [](const event_batch& batch, context& ctx) {
    if (batch[0].path == "bad")
      ctx.degraded("slow disk");
    else
      ctx.recovered();
  }});
  start();
  for (const auto* path : {"bad", "bad", "good", "good", "bad", "good"}) { // a flapping one is one
    push(0, batch_of({path}));
    pass(500ms);
  }
  BOOST_TEST(logged("child_degraded") == 1);
  BOOST_TEST(logged("child_recovered") == 0);
  pass(1500ms);
  BOOST_TEST(logged("child_recovered") == 1); // held for two seconds
  push(0, batch_of({"bad"}));
  settle();
  BOOST_TEST(logged("child_degraded") == 2);
  BOOST_TEST(logged("child_recovered") == 1);
  BOOST_TEST((health()[0].state == child_state::degraded));
  BOOST_TEST(health()[0].last_error == "slow disk");
  BOOST_TEST(running->is_ready(now()));
}

BOOST_AUTO_TEST_CASE(who_asks_to_be_told_of_the_end_is_told_once) {
  child("c", stage_script{});
  start();
  auto told = 0;
  running->on_done([&] { ++told; });
  settle();
  BOOST_TEST(told == 0);
  running->request_stop();
  settle();
  BOOST_TEST(told == 1);
  auto late = 0;
  running->on_done([&] { ++late; });
  BOOST_TEST(late == 1);
}

BOOST_AUTO_TEST_SUITE_END()
