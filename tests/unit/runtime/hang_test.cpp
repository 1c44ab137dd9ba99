// Handlers that really hang, on real threads, until the test lets them go.
#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <mutex>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace hang_tests {

using strings = std::vector<std::string>;

/// Longer than a busy machine keeps a handler from running, and still short.
constexpr auto hang_after = 500ms;

supervise_options hasty() {
  auto options = supervise_options{};
  options.restart.backoff.base = 1ms;
  options.hang_after = hang_after;
  return options;
}

/// Once it hangs it does not start again until it is reset.
supervise_options slow_to_return() {
  auto options = hasty();
  options.restart.backoff = {.base = 1h, .cap = 1h, .stable_after = 1h};
  return options;
}

/// Hands everything on, after a function of the test has seen it.
class passing_stage final : public stage {
public:
  using look = std::function<void(const event_batch&, context&)>;

  explicit passing_stage(look before) : before_{std::move(before)} {}
  void on_batch(const event_batch& batch, context& ctx) override {
    before_(batch, ctx);
    if (ctx.emit(batch) != emit_result::taken)
      ctx.fail("downstream is full");
  }

private:
  look before_;
};

struct fixture {
  gate hang;
  diary seen;
  std::mutex mutex;
  std::vector<succession> made;
  node host{quiet()};

  ~fixture() { hang.open(); } // before the node, which would wait

  void note(succession how) {
    const auto held = std::scoped_lock{mutex};
    made.push_back(how);
  }
  std::vector<succession> all_made() {
    const auto held = std::scoped_lock{mutex};
    return made;
  }

  /// A silent source, the stage, the diary.
  pipeline start(passing_stage::look look, supervise_options options) {
    return host.pipeline("p")
      .source("source", silent_source::factory())
      .stage("stage",
        [this, look](succession how) {
          note(how);
          return std::make_unique<passing_stage>(look);
        })
      .emit("diary", [this](const event_batch& batch) { seen.write(batch); })
      .supervise(options)
      .start()
      .value();
  }

  /// A silent source and a sink that is the function.
  pipeline start_sink(std::function<void(const event_batch&)> deliver, supervise_options options) {
    return host.pipeline("p")
      .source("source", silent_source::factory())
      .emit("sink", std::move(deliver))
      .supervise(options)
      .start()
      .value();
  }

  bool all_returned() {
    return eventually([&] { return host.health().totals.abandoned == 0; });
  }
  void stop_is_clean() {
    const auto report = host.stop(20s);
    BOOST_TEST(report.clean);
    BOOST_TEST(report.text == "p: stopped");
    BOOST_TEST(report.undelivered == 0u);
  }
};

} // namespace hang_tests

BOOST_FIXTURE_TEST_SUITE(hang_tests, fixture)

BOOST_AUTO_TEST_CASE(a_stage_that_hangs_is_replaced_and_its_successor_delivers_all_that_waits) {
  auto hangs = std::atomic<bool>{true};
  auto running = start(
    [&](const event_batch&, context&) {
      if (hangs.exchange(false))
        hang.pass();
    },
    hasty());
  auto expected = strings{};
  for (auto i = 0; i < 20; ++i) {
    const auto path = "/" + std::to_string(i);
    expected.push_back("modify " + path);
    BOOST_TEST(running.push("stage", batch_of({path.c_str()})).has_value());
  }
  BOOST_TEST(seen.wait_for("modify /19"));
  BOOST_TEST(seen.lines() == expected, boost::test_tools::per_element());
  BOOST_TEST(told(host, "child_hung", "p/stage") == 1);
  BOOST_TEST(told(host, "child_abandoned", "p/stage") == 1);
  BOOST_TEST(eventually([&] { return row_of(host, "p/stage").incarnation == 2; }));
  const auto row = row_of(host, "p/stage");
  BOOST_TEST(row.last_error.find("on_batch shows no progress for") == 0u);
  BOOST_TEST(host.health().totals.abandoned == 1u);
  BOOST_TEST((all_made() == std::vector{succession::first, succession::after_hang}));
  hang.open();
  BOOST_TEST(all_returned());
  stop_is_clean();
  BOOST_TEST(seen.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_hung_stage_does_when_it_comes_back_has_no_effect) {
  auto hangs = std::atomic<bool>{true};
  auto running = start(
    [&](const event_batch&, context& ctx) {
      if (!hangs.exchange(false))
        return;
      hang.pass();
      ctx.degraded("nobody hears it");
      ctx.release();
    },
    slow_to_return());
  BOOST_TEST(running.push("stage", batch_of({"/1"})).has_value());
  BOOST_TEST(running.push("stage", batch_of({"/2"})).has_value());
  BOOST_REQUIRE(eventually([&] { return host.health().totals.abandoned == 1; }));
  hang.open();
  BOOST_TEST(all_returned());
  const auto row = row_of(host, "p/stage");
  BOOST_TEST((row.state == child_state::backing_off));
  BOOST_TEST(row.mailbox.depth == 2u);
  BOOST_TEST(seen.lines().empty());
  BOOST_TEST(running.reset("stage").has_value());
  BOOST_TEST(seen.wait_for("modify /2"));
  BOOST_TEST(seen.lines() == (strings{"modify /1", "modify /2"}), boost::test_tools::per_element());
  for (const auto& x : host.events(0, 1000).entries)
    BOOST_TEST(x.what.text != "nobody hears it");
  stop_is_clean();
}

BOOST_AUTO_TEST_CASE(what_a_hung_sink_does_when_it_comes_back_has_no_effect) {
  auto hangs = std::atomic<bool>{true};
  auto offered = std::atomic<int>{0};
  auto running = start_sink(
    [&](const event_batch& batch) {
      ++offered;
      if (hangs.exchange(false))
        hang.pass();
      else
        seen.write(batch);
    },
    slow_to_return());
  BOOST_TEST(running.push("sink", batch_of({"/1"})).has_value());
  BOOST_TEST(running.push("sink", batch_of({"/2"})).has_value());
  BOOST_REQUIRE(eventually([&] { return host.health().totals.abandoned == 1; }));
  hang.open();
  BOOST_TEST(all_returned());
  BOOST_TEST(offered == 1); // it takes nothing more
  BOOST_TEST(row_of(host, "p/sink").mailbox.depth == 2u);
  BOOST_TEST(running.reset("sink").has_value());
  BOOST_TEST(seen.wait_for("modify /2"));
  BOOST_TEST(seen.lines() == (strings{"modify /1", "modify /2"}), boost::test_tools::per_element());
  stop_is_clean();
}

BOOST_AUTO_TEST_CASE(a_sink_that_hangs_is_replaced_and_its_successor_is_offered_the_same) {
  auto hangs = std::atomic<bool>{true};
  auto running = start_sink(
    [&](const event_batch& batch) {
      if (hangs.exchange(false))
        hang.pass();
      else
        seen.write(batch);
    },
    hasty());
  BOOST_TEST(running.push("sink", batch_of({"/1"})).has_value());
  BOOST_TEST(seen.wait_for("modify /1")); // while the first one hangs
  BOOST_TEST(eventually([&] { return row_of(host, "p/sink").incarnation == 2; }));
  hang.open();
  BOOST_TEST(all_returned());
  stop_is_clean();
  BOOST_TEST(seen.count("modify /1") == 1);
}

BOOST_AUTO_TEST_CASE(a_source_that_hangs_is_replaced_and_emits_nothing_when_it_comes_back) {
  auto late = std::atomic<emit_result>{emit_result::taken};

  struct hanging_source final : source {
    hanging_source(fixture& owner, std::atomic<emit_result>& late, bool hangs)
      : owner_{owner}, late_{late}, hangs_{hangs} {}
    void run(source_context& ctx) override {
      ctx.ready();
      if (!hangs_) {
        static_cast<void>(ctx.emit(batch_of({"/1"})));
        return silent_source{}.run(ctx);
      }
      ctx.progress("read");
      owner_.hang.pass();
      late_ = ctx.emit(batch_of({"/late"}));
    }
    fixture& owner_;
    std::atomic<emit_result>& late_;
    bool hangs_;
  };

  auto running =
    host.pipeline("p")
      .source("source",
        [&](succession how) {
          note(how);
          return std::make_unique<hanging_source>(*this, late, how == succession::first);
        })
      .emit("diary", [this](const event_batch& batch) { seen.write(batch); })
      .supervise(hasty())
      .start();
  BOOST_REQUIRE(running.has_value());
  BOOST_TEST(seen.wait_for("modify /1"));
  BOOST_TEST(row_of(host, "p/source").last_error.find("read shows no progress for") == 0u);
  hang.open();
  BOOST_TEST(all_returned());
  BOOST_TEST((late == emit_result::rejected));
  BOOST_TEST((all_made() == std::vector{succession::first, succession::after_hang}));
  stop_is_clean();
  BOOST_TEST(seen.lines() == strings{"modify /1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_factory_is_told_whether_the_one_before_crashed_or_hangs) {
  auto left = std::atomic<int>{2};
  auto running = start(
    [&](const event_batch&, context& ctx) {
      const auto n = left--;
      if (n == 2)
        ctx.fail("crash");
      if (n == 1)
        hang.pass();
    },
    hasty());
  BOOST_TEST(running.push("stage", batch_of({"/1"})).has_value());
  BOOST_TEST(seen.wait_for("modify /1"));
  BOOST_TEST(
    (all_made() == std::vector{succession::first, succession::after_end, succession::after_hang}));
  hang.open();
  BOOST_TEST(all_returned());
  stop_is_clean();
}

BOOST_AUTO_TEST_CASE(two_that_hang_at_once_on_two_workers_do_not_starve_a_third) {
  struct answering final : stage {
    answering(gate& hang, bool hangs) : hang_{hang}, hangs_{hangs} {}
    void on_batch(const event_batch&, context&) override {
      if (hangs_)
        hang_.pass();
    }
    result<event_batch> on_ask(const event_batch& question, context&) override { return question; }
    gate& hang_;
    bool hangs_;
  };
  auto options = pool_options{};
  options.hang_after = hang_after;
  options.restart.backoff.base = 1ms;
  auto workers = host.pool(
    "p",
    [&](
      const auto&, const auto& args) { return std::make_unique<answering>(hang, args == "hangs"); },
    options);
  BOOST_REQUIRE(workers.has_value());
  BOOST_REQUIRE(workers->add({{"a", "hangs"}, {"b", "hangs"}, {"c"}}).has_value());
  BOOST_TEST(workers->push("a", batch_of({"/1"})).has_value());
  BOOST_TEST(workers->push("b", batch_of({"/1"})).has_value());
  BOOST_REQUIRE(hang.wait_for(2));
  const auto answer = workers->ask("c", batch_of({"/2"}), patience);
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST((*answer)[0].path == "/2");
  for (const auto* who : {"a", "b"}) // their successors answer too
    BOOST_TEST(workers->ask(who, batch_of({"/2"}), patience).has_value());
  BOOST_TEST(host.health().totals.abandoned == 2u);
  hang.open();
  BOOST_TEST(all_returned());
  stop_is_clean();
}

BOOST_AUTO_TEST_CASE(a_batch_that_hangs_its_handler_is_split_and_only_the_poison_is_given_up) {
  auto running = start(
    [&](const event_batch& batch, context&) {
      for (const auto& what : batch)
        if (what.path == "/poison" && is_change(what.type))
          hang.pass();
    },
    hasty());
  BOOST_TEST(running.push("stage", batch_of({"/1", "/poison", "/3"})).has_value());
  BOOST_TEST(running.push("stage", batch_of({"/4"})).has_value());
  BOOST_TEST(seen.wait_for("modify /4"));
  BOOST_TEST(seen.lines() == (strings{"error /poison", "modify /1", "modify /3", "modify /4"}),
    boost::test_tools::per_element());
  BOOST_TEST(told(host, "child_hung", "p/stage") == 3); // twice whole, once alone
  const auto letters = host.dead_letters(0, 10).entries;
  BOOST_REQUIRE(letters.size() == 1u);
  BOOST_TEST((letters[0].what.reason == loss::crashed));
  BOOST_TEST(letters[0].what.child == "p/stage");
  BOOST_TEST(letters[0].what.events == 1u);
  BOOST_TEST(row_of(host, "p/stage").dead_letters == 1u);
  hang.open();
  BOOST_TEST(all_returned());
  stop_is_clean();
}

BOOST_AUTO_TEST_CASE(a_handler_that_shows_progress_never_hangs_however_long_it_takes) {
  auto running = start(
    [&](const event_batch&, context& ctx) {
      const auto end = std::chrono::steady_clock::now() + 3 * hang_after;
      while (std::chrono::steady_clock::now() < end)
        ctx.progress("long_work");
    },
    hasty());
  BOOST_TEST(running.push("stage", batch_of({"/1"})).has_value());
  BOOST_TEST(seen.wait_for("modify /1"));
  BOOST_TEST(row_of(host, "p/stage").incarnation == 1u);
  BOOST_TEST(told(host, "child_hung") == 0);
  stop_is_clean();
}

BOOST_AUTO_TEST_CASE(a_handler_is_degraded_after_half_of_the_time_and_not_replaced) {
  auto options = hasty();
  options.hang_after = 4s;
  auto running = start([&](const event_batch&, context&) { hang.pass(); }, options);
  BOOST_TEST(running.push("stage", batch_of({"/1"})).has_value());
  BOOST_REQUIRE(eventually([&] { return row_of(host, "p/stage").state == child_state::degraded; }));
  hang.open();
  BOOST_TEST(row_of(host, "p/stage").last_error.find("on_batch shows no progress for") == 0u);
  BOOST_TEST(seen.wait_for("modify /1"));
  BOOST_TEST(told(host, "child_degraded", "p/stage") == 1);
  BOOST_TEST(told(host, "child_hung") == 0);
  BOOST_TEST(row_of(host, "p/stage").incarnation == 1u);
  stop_is_clean();
}

BOOST_AUTO_TEST_SUITE_END()
