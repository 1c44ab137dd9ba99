// Sinks that have several offers on their way, and say themselves when one is safe.
#include "actors/actors.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/testkit/batches.hpp"
#include "support/counting_source.hpp"
#include "support/patience.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace manual_sink_tests {

/// Somebody who takes batches and says later that they are safe. On a thread of the test.
class slow_receiver {
public:
  std::atomic<std::uint64_t> answers{0}; ///< allowed
  wake_event news;

  void take(std::uint64_t number) {
    const auto held = std::scoped_lock{mutex_};
    waiting_.push_back(number);
    most_ = std::max(most_, waiting_.size());
    if (answers > 0)
      news.raise();
  }

  /// How many it has stored since the last question.
  std::size_t answer() {
    const auto held = std::scoped_lock{mutex_};
    auto count = std::size_t{0};
    for (; !waiting_.empty() && answers > 0; --answers, ++count) {
      stored_.push_back(waiting_.front());
      waiting_.pop_front();
    }
    return count;
  }

  /// Whoever sent them is gone.
  void forget() {
    const auto held = std::scoped_lock{mutex_};
    waiting_.clear();
  }

  void allow(std::uint64_t count) {
    answers += count;
    news.raise();
  }

  std::size_t on_their_way() {
    const auto held = std::scoped_lock{mutex_};
    return waiting_.size();
  }
  std::vector<std::uint64_t> stored() {
    const auto held = std::scoped_lock{mutex_};
    return stored_;
  }
  std::size_t most() {
    const auto held = std::scoped_lock{mutex_};
    return most_;
  }

private:
  std::mutex mutex_;
  std::deque<std::uint64_t> waiting_;
  std::vector<std::uint64_t> stored_;
  std::size_t most_ = 0;
};

/// Up to `window` on their way; when there are more, it waits in `offer`.
class windowed_sink final : public sink {
public:
  static constexpr auto window = std::size_t{4};

  explicit windowed_sink(slow_receiver& to) : to_{to} { to_.forget(); }
  release_mode releases() const override { return release_mode::manual; }
  int news_descriptor() const override { return to_.news.descriptor(); }

  void offer(const event_batch& batch, sink_context& ctx) override {
    while (to_.on_their_way() >= window && !ctx.stop_requested()) {
      ctx.waiting("the receiver");
      wait_readable({ctx.wake_descriptor(), to_.news.descriptor()}, std::nullopt);
      tend(ctx);
    }
    if (!ctx.stop_requested())
      to_.take(batch.first_seq());
  }
  void tend(sink_context& ctx) override {
    to_.news.lower();
    ctx.release(to_.answer());
  }

private:
  slow_receiver& to_;
};

struct fixture {
  slow_receiver receiver;
  std::atomic<std::uint64_t> next{1};
  std::atomic<std::uint64_t> allowed{0};

  node with_faults(const std::string& faults = {}) {
    auto options = quiet();
    options.faults = faults;
    return node{options};
  }

  pipeline start(node& host) {
    auto supervise = supervise_options{};
    supervise.restart.backoff.base = 5ms;
    supervise.restart.backoff.attempts_max = 50;
    auto running =
      host.pipeline("p")
        .source("numbers", [this] { return std::make_unique<counting_source>(next, allowed); })
        .sink("window", [this] { return std::make_unique<windowed_sink>(receiver); })
        .supervise(supervise)
        .start();
    BOOST_REQUIRE(running.has_value());
    return *running;
  }
};

} // namespace manual_sink_tests

BOOST_FIXTURE_TEST_SUITE(manual_sink_tests, fixture)

BOOST_AUTO_TEST_CASE(offers_stay_in_the_mailbox_until_they_are_released) {
  auto host = with_faults();
  auto running = start(host);
  allowed = 10;
  BOOST_TEST(eventually([&] { return receiver.on_their_way() == windowed_sink::window; }));
  BOOST_TEST(eventually([&] { return row_of(host, "p/window").mailbox.depth == 10u; }));
  receiver.allow(3);
  BOOST_TEST(eventually([&] { return row_of(host, "p/window").mailbox.depth == 7u; }));
  BOOST_TEST(receiver.most() == windowed_sink::window);
  receiver.allow(100);
  BOOST_TEST(eventually([&] { return row_of(host, "p/window").mailbox.depth == 0u; }));
  const auto report = host.stop(20s);
  BOOST_TEST(report.undelivered == 0u);
  BOOST_TEST(receiver.stored().size() == 10u);
}

BOOST_AUTO_TEST_CASE(a_drain_waits_for_what_is_on_its_way) {
  auto host = with_faults();
  auto running = start(host);
  allowed = 3;
  BOOST_TEST(eventually([&] { return receiver.on_their_way() == 3u; }));
  running.request_stop();
  BOOST_TEST(!running.is_done());
  receiver.allow(3);
  BOOST_TEST(eventually([&] { return running.is_done(); }));
  BOOST_TEST(receiver.stored().size() == 3u);
  BOOST_TEST(running.why() == "stopped");
}

BOOST_AUTO_TEST_CASE(what_was_not_released_counts_as_undelivered_at_the_end) {
  auto host = with_faults();
  auto running = start(host);
  allowed = 3;
  BOOST_TEST(eventually([&] { return receiver.on_their_way() == 3u; }));
  const auto report = host.stop(300ms);
  BOOST_TEST(report.undelivered == 3u);
}

BOOST_AUTO_TEST_CASE(the_next_incarnation_is_offered_what_was_not_released) {
  constexpr auto last = 500u;
  auto host = with_faults("window.offer:throw@20,window.tend:throw@9,window.offer:throw@200");
  auto running = start(host);
  allowed = last;
  auto answering = std::jthread{[&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      receiver.allow(1);
      std::this_thread::yield();
    }
  }};
  const auto is_stored = [&](std::uint64_t number) {
    const auto stored = receiver.stored();
    return std::find(stored.begin(), stored.end(), number) != stored.end();
  };
  BOOST_TEST(eventually([&] { return is_stored(last); }));
  BOOST_TEST(eventually([&] { return row_of(host, "p/window").restarts_total >= 3u; }));
  const auto stored = receiver.stored();
  for (auto number = std::uint64_t{1}; number <= last; ++number)
    BOOST_TEST(is_stored(number));
  BOOST_TEST(stored.size() < last + 3 * (windowed_sink::window + 1));
  BOOST_TEST(receiver.most() <= windowed_sink::window);
  BOOST_TEST(host.stop(20s).undelivered == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
