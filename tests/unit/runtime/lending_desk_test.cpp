#include "actors/actors.hpp"
#include "actors/os/poll.hpp"
#include "actors/testkit/batches.hpp"
#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace lending_desk_tests {

/// What all incarnations of the sink saw.
struct book {
  std::mutex mutex;
  std::vector<std::uint64_t> seqs;
  std::atomic<std::uint64_t> at_once{0};
  std::atomic<std::uint64_t> by_itself{0};
  std::atomic<std::uint64_t> declines_every{0}; ///< 0: never
  std::atomic<std::uint64_t> throws_every{0};
  std::atomic<int> inside{0};
  std::atomic<bool> was_shared{false};

  void note(const event_batch& batch) {
    const auto held = std::scoped_lock{mutex};
    for (std::size_t i = 0; i < batch.size(); ++i)
      seqs.push_back(batch.first_seq() + i);
  }
  bool has_all(std::uint64_t upto) {
    const auto held = std::scoped_lock{mutex};
    auto want = std::uint64_t{0};
    return seqs.size() == upto
           && std::all_of(seqs.begin(), seqs.end(), [&](auto seq) { return seq == ++want; });
  }
};

/// Only ever one thread is in it.
class prompt_sink final : public sink {
public:
  explicit prompt_sink(book& notes) : book_{notes} {}

  void offer(const event_batch& batch, sink_context&) override {
    const auto alone = presence{book_};
    ++book_.by_itself;
    book_.note(batch);
  }
  bool offer_now(const event_batch& batch, sink_context& ctx) override {
    const auto alone = presence{book_};
    const auto count = ++offered_;
    if (book_.declines_every != 0 && count % book_.declines_every == 0)
      return false;
    if (book_.throws_every != 0 && count % book_.throws_every == 0)
      ctx.fail("as planned");
    ++book_.at_once;
    book_.note(batch);
    return true;
  }

private:
  struct presence {
    book& in;
    explicit presence(book& notes) : in{notes} {
      if (in.inside++ != 0)
        in.was_shared = true;
    }
    ~presence() { --in.inside; }
  };

  book& book_;
  std::uint64_t offered_ = 0;
};

struct fixture {
  book notes;
  node host{quiet()};
  std::optional<pipeline> running;

  /// Emits so many batches, in bursts with pauses in between, so that the sink waits now and then.
  class bursts final : public source {
  public:
    bursts(std::uint64_t& next, std::uint64_t last) : next_{next}, last_{last} {}
    void run(source_context& ctx) override {
      ctx.ready();
      auto dice = std::minstd_rand{7};
      while (!ctx.stop_requested() && !ctx.drain_requested()) {
        for (auto burst = dice() % 8; burst > 0 && next_ <= last_; --burst)
          if (ctx.emit(batch_of({"/" + std::to_string(next_)})) == emit_result::taken)
            ++next_;
        wait_readable({ctx.wake_descriptor()}, dice() % 3 == 0 ? 1ms : 0ms);
        ctx.acknowledge();
      }
    }

  private:
    std::uint64_t& next_;
    std::uint64_t last_;
  };

  void run(std::uint64_t last) {
    auto hasty = supervise_options{};
    hasty.restart.backoff.base = 1ms;
    hasty.restart.backoff.cap = 1ms;
    hasty.restart.backoff.attempts_max = 1'000'000;
    hasty.group.budget.restarts_max = 1'000'000;
    auto next = std::make_shared<std::uint64_t>(1);
    auto started =
      host.pipeline("p")
        .source(
          "source", factory<source>{[next, last] { return std::make_unique<bursts>(*next, last); }})
        .sink("sink", factory<sink>{[this] { return std::make_unique<prompt_sink>(notes); }})
        .supervise(hasty)
        .start();
    BOOST_REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text));
    running = *started;
    BOOST_TEST(eventually([&] { return notes.has_all(last); }));
    BOOST_TEST(!notes.was_shared);
    BOOST_TEST(host.stop().clean);
  }
};

} // namespace lending_desk_tests

BOOST_FIXTURE_TEST_SUITE(lending_desk_tests, fixture)

BOOST_AUTO_TEST_CASE(a_sink_that_waits_is_worked_by_the_sender) {
  run(2000);
  BOOST_TEST(notes.at_once > 0u);
}

BOOST_AUTO_TEST_CASE(what_is_declined_goes_to_the_sinks_own_thread_in_order_and_once) {
  notes.declines_every = 3;
  run(2000);
  BOOST_TEST(notes.at_once > 0u);
  BOOST_TEST(notes.by_itself > 0u);
}

BOOST_AUTO_TEST_CASE(a_crash_on_the_senders_thread_is_the_sinks_crash) {
  notes.throws_every = 100;
  run(2000);
  const auto rows = host.health().children;
  const auto of = [&](std::string_view id) {
    return std::find_if(rows.begin(), rows.end(), [&](const auto& x) { return x.id == id; });
  };
  BOOST_TEST(of("p/sink")->restarts_total > 0u);
  BOOST_TEST(of("p/sink")->dead_letters == 0u);
  BOOST_TEST(of("p/source")->restarts_total == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
