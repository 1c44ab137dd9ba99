// The same supervision on real threads and in real time; once, and with short waits.
#include "actors/os/poll.hpp"
#include "actors/runtime/engine.hpp"
#include "actors/stages/fault_plan.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/scripted_stage.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <mutex>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace pipeline_on_threads_tests {

/// Emits /0, /1, ... as single records, until `last`. The next number is its kept value.
class counting_source final : public source {
public:
  counting_source(int& next, int last) : next_{next}, last_{last} {}

  void run(source_context& ctx) override {
    ctx.ready();
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      if (next_ < last_
          && ctx.emit(batch_of({"/" + std::to_string(next_)})) == emit_result::taken) {
        ++next_;
        continue;
      }
      wait_readable({ctx.wake_descriptor()}, std::nullopt);
      ctx.acknowledge();
    }
  }

private:
  int& next_;
  int last_;
};

class passing_stage final : public stage {
public:
  release_mode releases() const override { return release_mode::manual; }
  void on_batch(const event_batch& batch, context& ctx) override {
    held_ = batch;
    on_room(ctx);
  }
  void on_room(context& ctx) override {
    if (ctx.emit(held_) == emit_result::taken)
      ctx.release();
  }

private:
  event_batch held_;
};

/// What was delivered, by record; once each is the goal.
struct delivery_book {
  std::mutex mutex;
  std::vector<std::string> paths;

  std::size_t size() {
    auto lock = std::scoped_lock{mutex};
    return paths.size();
  }
};

class booking_sink final : public sink {
public:
  explicit booking_sink(delivery_book& book) : book_{book} {}
  void offer(const event_batch& batch, sink_context&) override {
    auto lock = std::scoped_lock{book_.mutex};
    for (const auto& what : batch)
      book_.paths.emplace_back(what.path);
  }

private:
  delivery_book& book_;
};

/// Waits on a condition, not on luck.
template <class Condition>
bool eventually(Condition holds, std::chrono::milliseconds patience = 20s) {
  const auto due = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > due)
      return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

} // namespace pipeline_on_threads_tests

BOOST_AUTO_TEST_SUITE(pipeline_on_threads_tests)

BOOST_AUTO_TEST_CASE(a_pipeline_whose_every_part_crashes_restarts_and_loses_nothing) {
  constexpr auto last = 5000;
  const auto plan = fault_plan::parse(
    "source:throw@7,source:throw@2000,stage:throw@100,stage:throw@101,stage:throw@3000,"
    "stage.on_room:throw@1,sink:throw@50,sink:throw@2500");
  BOOST_REQUIRE(plan.has_value());
  auto book = delivery_book{};
  auto next = 0;
  auto spec = pipeline_spec{"p", {}, {}};
  const auto add = [&](std::string id, auto make, std::optional<std::size_t> downstream) {
    auto x = child_spec{};
    x.rules.id = std::move(id);
    x.rules.restart.backoff.base = 10ms;
    x.make = std::move(make);
    x.mailbox.messages_max = 16;
    if (downstream)
      x.downstream = {*downstream};
    spec.children.push_back(std::move(x));
  };
  add("sink",
    sink_factory{[&] { return plan->wrap("sink", std::make_unique<booking_sink>(book)); }},
    std::nullopt);
  add("stage",
    stage_factory{[&] { return plan->wrap("stage", std::make_unique<passing_stage>()); }}, 0);
  add("source", source_factory{[&] {
    return plan->wrap("source", std::make_unique<counting_source>(next, last));
  }},
    1);
  auto crashes = std::atomic<int>{0};
  auto runtime = engine{};
  auto running =
    runtime.start(spec, outlets{[&](const log_line& line) { // from the supervisor's thread
      if (line.event == "child_crashed")
        ++crashes;
    }});
  // The sink is hit after it booked a batch, so it is offered those twice.
  constexpr auto doubled = 2u;
  BOOST_TEST(eventually([&] { return book.size() >= last + doubled; }));
  running->request_stop();
  BOOST_TEST(running->wait_until_done(std::chrono::steady_clock::now() + 20s));
  BOOST_TEST(crashes >= 7);
  BOOST_TEST(!running->end().failed);
  BOOST_TEST(running->end().undelivered == 0u);
  BOOST_TEST(running->end().abandoned.empty());
  auto unique = book.paths;
  unique.erase(std::unique(unique.begin(), unique.end()), unique.end()); // the same in a row
  auto expected = std::vector<std::string>{};
  for (auto i = 0; i < last; ++i)
    expected.push_back("/" + std::to_string(i));
  BOOST_TEST((unique == expected));
  BOOST_TEST(book.paths.size() == last + doubled);
}

BOOST_AUTO_TEST_CASE(a_sink_that_ends_without_a_fault_ends_the_pipeline_when_it_is_significant) {
  struct full_house final : sink {
    void offer(const event_batch&, sink_context& ctx) override {
      ctx.end("nobody reads", sink_context::fate::undelivered);
    }
  };
  auto next = 0;
  auto spec = pipeline_spec{"p", {}, {}};
  auto end = child_spec{};
  end.rules = {"sink", {}, true};
  end.rules.restart.type = restart_type::transient;
  end.make = sink_factory{[] { return std::make_unique<full_house>(); }};
  auto begin = child_spec{};
  begin.rules.id = "source";
  begin.make = source_factory{[&] { return std::make_unique<counting_source>(next, 10); }};
  begin.downstream = {0};
  spec.children = {end, begin};
  auto runtime = engine{};
  auto running = runtime.start(spec, outlets{});
  BOOST_TEST(running->wait_until_done(std::chrono::steady_clock::now() + 20s));
  BOOST_TEST(!running->end().failed);
  BOOST_TEST(running->end().undelivered > 0u);
}

BOOST_AUTO_TEST_CASE(two_pipelines_of_one_engine_do_not_disturb_each_other) {
  auto runtime = engine{};
  auto books = std::vector<delivery_book>(2);
  auto next = std::vector<int>(2);
  auto running = std::vector<std::shared_ptr<running_pipeline>>{};
  for (auto i = 0u; i < 2; ++i) {
    auto spec = pipeline_spec{"p" + std::to_string(i), {}, {}};
    auto end = child_spec{};
    end.rules.id = "sink";
    end.make = sink_factory{[&, i] { return std::make_unique<booking_sink>(books[i]); }};
    auto begin = child_spec{};
    begin.rules.id = "source";
    begin.make = source_factory{[&, i] { return std::make_unique<counting_source>(next[i], 100); }};
    begin.downstream = {0};
    spec.children = {end, begin};
    running.push_back(runtime.start(spec, outlets{}));
  }
  running[0]->request_stop();
  BOOST_TEST(running[0]->wait_until_done(std::chrono::steady_clock::now() + 20s));
  BOOST_TEST(eventually([&] { return books[1].size() == 100; }));
  BOOST_TEST(!running[1]->is_done());
  running[1]->request_stop();
  BOOST_TEST(running[1]->wait_until_done(std::chrono::steady_clock::now() + 20s));
}

BOOST_AUTO_TEST_SUITE_END()
