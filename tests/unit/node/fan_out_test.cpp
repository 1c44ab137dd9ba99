#include "actors/actors.hpp"
#include "actors/os/poll.hpp"
#include "actors/sinks/callback_sink.hpp"
#include "actors/testkit/batches.hpp"
#include "support/counting_source.hpp"
#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace fan_out_tests {

/// What a sink was given: the numbers, in order.
struct reader {
  std::mutex mutex;
  std::vector<std::uint64_t> seqs;
  std::atomic<bool> stuck{false};
  std::atomic<bool> broken{false};

  void operator()(const event_batch& batch) {
    if (broken)
      throw std::runtime_error{"broken"};
    while (stuck)
      std::this_thread::sleep_for(1ms);
    const auto held = std::scoped_lock{mutex};
    for (std::size_t i = 0; i < batch.size(); ++i)
      seqs.push_back(batch.first_seq() + i);
  }
  std::size_t count() {
    const auto held = std::scoped_lock{mutex};
    return seqs.size();
  }
  /// 1 to `upto`, each once.
  bool has_all(std::uint64_t upto) {
    const auto held = std::scoped_lock{mutex};
    auto want = std::uint64_t{0};
    return seqs.size() == upto
           && std::all_of(seqs.begin(), seqs.end(), [&](auto seq) { return seq == ++want; });
  }
};

struct fixture {
  reader one, two, three;
  std::atomic<std::uint64_t> next{1};
  std::atomic<std::uint64_t> allowed{0};
  node host{quiet()};
  pipeline_builder builder = host.pipeline("p");
  std::optional<pipeline> running;

  fixture() {
    builder.source("source",
      factory<source>{[this] { return std::make_unique<counting_source>(next, allowed); }});
    auto hasty = supervise_options{};
    hasty.restart.backoff.base = 1ms;
    hasty.restart.backoff.cap = 1ms;
    hasty.restart.backoff.stable_after = 1h;
    builder.supervise(hasty);
  }
  ~fixture() { one.stuck = two.stuck = three.stuck = false; }

  void add(const std::string& child, reader& to, overflow_policy on_full = overflow_policy::hold,
    std::size_t messages_max = 4) {
    builder.emit(child, [&to](const event_batch& batch) { to(batch); });
    builder.mailbox(child, {.messages_max = messages_max, .on_full = on_full});
  }
  void start() {
    auto started = builder.start();
    BOOST_REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text));
    running = *started;
  }
  child_health row(const std::string& child) {
    for (const auto& x : host.health().children)
      if (x.id == "p/" + child)
        return x;
    BOOST_FAIL("no child " + child);
    return {};
  }
};

} // namespace fan_out_tests

BOOST_FIXTURE_TEST_SUITE(fan_out_tests, fixture)

BOOST_AUTO_TEST_CASE(every_sink_is_given_every_record_with_the_same_number) {
  add("one", one);
  add("two", two);
  add("three", three, overflow_policy::drop_oldest, 4096);
  allowed = 1000;
  start();
  BOOST_TEST(
    eventually([&] { return one.has_all(1000) && two.has_all(1000) && three.has_all(1000); }));
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(a_sink_that_holds_holds_everybody_and_health_says_so) {
  add("one", one);
  add("two", two);
  two.stuck = true;
  allowed = 1000;
  start();
  BOOST_TEST(eventually([&] { return row("source").held_by == "p/two"; }));
  BOOST_TEST(one.count() < 10u);
  two.stuck = false;
  BOOST_TEST(eventually([&] { return one.has_all(1000) && two.has_all(1000); }));
  BOOST_TEST(row("source").held_by == "");
}

BOOST_AUTO_TEST_CASE(a_sink_that_may_lose_holds_nobody_up) {
  add("one", one);
  add("two", two, overflow_policy::drop_newest);
  add("three", three, overflow_policy::drop_oldest);
  two.stuck = three.stuck = true;
  allowed = 1000;
  start();
  BOOST_TEST(eventually([&] { return one.has_all(1000); }));
  two.stuck = three.stuck = false;
  BOOST_TEST(
    eventually([&] { return row("two").mailbox.depth == 0 && row("three").mailbox.depth == 0; }));
  for (const auto* child : {"two", "three"}) {
    const auto counts = row(child).mailbox.counters;
    BOOST_TEST(counts.accepted + counts.dropped == 1000u);
    BOOST_TEST(counts.dropped + counts.evicted > 900u);
  }
  const auto held = std::scoped_lock{three.mutex};
  BOOST_TEST(three.seqs.back() == 1000u); // the newest are kept
}

BOOST_AUTO_TEST_CASE(a_refusal_of_one_edge_costs_no_other_a_loss) {
  add("two", two, overflow_policy::drop_newest, 4096); // asked last, though it stands first
  add("one", one);
  one.stuck = true;
  allowed = 500;
  start();
  BOOST_TEST(eventually([&] { return row("source").held_by == "p/one"; }));
  one.stuck = false;
  BOOST_TEST(eventually([&] { return one.has_all(500) && two.has_all(500); }));
  BOOST_TEST(row("two").mailbox.counters.dropped == 0u);
}

BOOST_AUTO_TEST_CASE(a_sink_that_may_lose_fails_for_itself) {
  add("one", one);
  add("two", two, overflow_policy::drop_oldest, 4096);
  two.broken = true;
  allowed = 100;
  start();
  BOOST_TEST(eventually([&] { return row("two").state == child_state::failed; }));
  allowed = 1000;
  BOOST_TEST(eventually([&] { return one.has_all(1000); }));
  BOOST_TEST(!running->is_done());
  BOOST_TEST(running->is_ready());
  two.broken = false;
  BOOST_TEST(running->reset("two").has_value());
  allowed = 1100;
  BOOST_TEST(eventually([&] { return two.count() >= 100; }));
}

BOOST_AUTO_TEST_CASE(a_sink_that_holds_fails_for_all) {
  add("one", one);
  add("two", two);
  two.broken = true;
  allowed = 100; // one alone would be given up as poison
  start();
  BOOST_TEST(eventually([&] { return running->is_done(); }));
  BOOST_TEST(running->has_failed());
}

namespace {

class leaving_sink final : public sink {
public:
  explicit leaving_sink(std::uint64_t after) : after_{after} {}
  void offer(const event_batch& batch, sink_context& ctx) override {
    if (batch.first_seq() >= after_)
      ctx.end("enough", sink_context::fate::delivered);
  }

private:
  std::uint64_t after_;
};

} // namespace

BOOST_AUTO_TEST_CASE(sinks_may_leave_and_the_last_one_ends_the_pipeline) {
  builder.sink("short", factory<sink>{[] { return std::make_unique<leaving_sink>(10); }});
  builder.sink("long", factory<sink>{[] { return std::make_unique<leaving_sink>(200); }});
  add("one", one, overflow_policy::drop_oldest, 4096);
  allowed = 100;
  start();
  BOOST_TEST(eventually([&] { return row("short").state == child_state::stopped; }));
  BOOST_TEST(eventually([&] { return one.has_all(100); }));
  BOOST_TEST(!running->is_done());
  allowed = 300;
  BOOST_TEST(eventually([&] { return row("long").state == child_state::stopped; }));
  BOOST_TEST(!running->is_done()); // "one" goes on
  BOOST_TEST(eventually([&] { return one.has_all(300); }));
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(a_sink_is_replaced_while_it_works_and_loses_nothing) {
  add("one", one);
  add("two", two);
  allowed = 200;
  start();
  BOOST_TEST(eventually([&] { return one.has_all(200) && two.has_all(200); }));
  two.stuck = true;
  allowed = 400;
  BOOST_TEST(eventually([&] { return row("two").mailbox.depth == 4; }));
  two.stuck = false;
  const auto done = running->replace("two", factory<sink>{[this] {
    return std::make_unique<callback_sink>([this](const event_batch& batch) { three(batch); });
  }});
  BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text));
  allowed = 600;
  const auto missing = [&] { // what the first one was doing may come twice
    auto seqs = std::set<std::uint64_t>{};
    for (std::uint64_t i = 1; i <= 600; ++i)
      seqs.insert(i);
    for (auto* x : {&two, &three}) {
      const auto held = std::scoped_lock{x->mutex};
      for (const auto seq : x->seqs)
        seqs.erase(seq);
    }
    return seqs.size();
  };
  BOOST_TEST(eventually([&] { return one.has_all(600) && missing() == 0; }));
  BOOST_TEST(three.count() > 0u);
  BOOST_TEST(row("two").attempt == 0u);
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(only_a_child_of_the_same_kind_takes_its_place) {
  add("one", one);
  start();
  const auto none = factory<stage>{[]() -> std::unique_ptr<stage> { return nullptr; }};
  BOOST_TEST((running->replace("one", none).error().code == errc::invalid_argument));
  BOOST_TEST((running->replace("two", none).error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_tap_sees_what_flows_over_the_edges_it_names) {
  add("one", one);
  add("two", two);
  start();
  const auto looker = host.tap("p/o*");
  BOOST_REQUIRE(looker.has_value());
  allowed = 100;
  auto seen = std::uint64_t{0};
  auto last = std::uint64_t{0};
  BOOST_TEST(eventually([&] {
    for (const auto& [id, what] : looker->read(last, 10, 10ms).entries) {
      last = id;
      BOOST_TEST(what.edge == "p/one");
      seen += what.batch.size();
    }
    return seen == 100;
  }));
  BOOST_TEST((host.tap("[").error().code == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_tap_nobody_reads_holds_nobody_up_and_says_what_it_missed) {
  add("one", one);
  start();
  const auto looker = host.tap("**");
  BOOST_REQUIRE(looker.has_value());
  allowed = 2000;
  BOOST_TEST(eventually([&] { return one.has_all(2000); }));
  const auto page = looker->read(0, 10'000, 0ms);
  BOOST_TEST(page.entries.size() + page.missed == 2000u);
  BOOST_TEST(page.entries.size() == 256u);
  BOOST_TEST(page.entries.back().what.batch.first_seq() == 2000u);
}

BOOST_AUTO_TEST_SUITE_END()
