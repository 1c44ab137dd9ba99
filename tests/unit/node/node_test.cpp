#include "actors/actors.hpp"
#include "actors/os/poll.hpp"
#include "actors/testkit/batches.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <semaphore>
#include <sstream>
#include <thread>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace node_tests {

/// What a callback was given, to be waited for.
class diary {
public:
  void write(const event_batch& batch) {
    auto lock = std::scoped_lock{mutex_};
    for (auto& line : lines_of(batch))
      lines_.push_back(line);
    changed_.notify_all();
  }

  /// False when it did not come within twenty seconds.
  bool wait_for(const std::string& line) {
    auto lock = std::unique_lock{mutex_};
    return changed_.wait_for(
      lock, 20s, [&] { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); });
  }

  auto count(const std::string& line) {
    auto lock = std::scoped_lock{mutex_};
    return std::count(lines_.begin(), lines_.end(), line);
  }

  /// For `emit`. The diary must outlive the node.
  auto writer() {
    return [this](const event_batch& batch) { write(batch); };
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Emits one record at once, and is then idle.
class one_shot_source final : public source {
public:
  void run(source_context& ctx) override {
    ctx.ready();
    static_cast<void>(ctx.emit(batch_of({"/1"})));
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      wait_readable({ctx.wake_descriptor()}, std::nullopt);
      ctx.acknowledge();
    }
  }
};

std::size_t entries(const char* directory) {
  const auto all = std::filesystem::directory_iterator{directory};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

template <class Condition>
bool eventually(Condition holds) {
  const auto due = std::chrono::steady_clock::now() + 20s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > due)
      return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// A node that says nothing on standard error.
node_options quiet(std::string faults = {}) {
  auto options = node_options{};
  options.log = [](const log_line&) {};
  options.faults = std::move(faults);
  return options;
}

supervise_options hasty() {
  auto options = supervise_options{};
  options.restart.backoff.base = 10ms;
  return options;
}

struct fixture {
  temporary_directory where;
  diary seen;

  void touch(const std::string& name) { std::ofstream{where / name} << "x"; }
};

} // namespace node_tests

BOOST_FIXTURE_TEST_SUITE(node_tests, fixture)

BOOST_AUTO_TEST_CASE(all_mistakes_of_a_description_come_back_at_once) {
  auto host = node{quiet("nonsense")};
  auto options = supervise_options{};
  options.restart.backoff = {
    .base = 2s, .multiplier = 0.5, .cap = 1s, .jitter = 1.5, .stable_after = 0s};
  const auto started = host.pipeline("no good name")
                         .watch(where / "nothing", {.poll_interval = 0ms})
                         .debounce({.quiet = 5s, .hold_max = 1s, .paths_max = 0})
                         .stage("twice", [] { return std::unique_ptr<stage>{}; })
                         .stage("twice", [] { return std::unique_ptr<stage>{}; })
                         .emit("a/b", nullptr)
                         .emit("second", seen.writer())
                         .mailboxes({0, 0, overflow_policy::hold})
                         .supervise(options)
                         .start();
  BOOST_REQUIRE(!started.has_value());
  const auto& text = started.error().text;
  for (const auto* words :
    {"cannot watch \"", "it does not exist", "poll_interval must be at least 1ms",
      "debounce: quiet must be from 0 to hold_max", "paths_max must be at least 1",
      "a/b: there is no function to deliver to", "messages_max and bytes_max must be at least 1",
      "base must be from 0 to cap", "multiplier must be at least 1", "jitter must be from 0 to 1",
      "stable_after must not be less than cap", "fault \"nonsense\" is not understood",
      "pipeline \"no good name\": a name has", "the name is used twice",
      "child \"twice\": the name is used twice", "child \"a/b\": the name"})
    BOOST_TEST(text.find(words) != std::string::npos, words << " is missing in:\n" << text);
  BOOST_TEST(host.health().children.empty()); // nothing was started
}

BOOST_AUTO_TEST_CASE(a_description_without_source_or_sink_is_refused) {
  auto host = node{quiet()};
  const auto nothing = host.pipeline("p").start();
  BOOST_REQUIRE(!nothing.has_value());
  BOOST_TEST((nothing.error().code == errc::invalid_argument));
  BOOST_TEST(nothing.error().text.find("it has no source") != std::string::npos);
  BOOST_TEST(
    nothing.error().text.find("1 to 64 sinks (add emit or sink), not 0") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_not_found_and_says_what_to_do) {
  auto host = node{quiet()};
  const auto started = host.pipeline("p").watch(where / "no").emit("e", seen.writer()).start();
  BOOST_REQUIRE(!started.has_value());
  BOOST_TEST((started.error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_name_is_given_once) {
  auto host = node{quiet()};
  const auto start = [&] {
    return host.pipeline("p").watch(where.path()).emit("e", seen.writer()).start();
  };
  BOOST_TEST(start().has_value());
  const auto again = start();
  BOOST_REQUIRE(!again.has_value());
  BOOST_TEST(again.error().text.find("there is one of that name") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_changes_in_a_directory_reaches_the_callback) {
  auto host = node{quiet()};
  const auto started = host.pipeline("p")
                         .watch(where.path())
                         .debounce({.quiet = 20ms, .hold_max = 200ms})
                         .emit("diary", seen.writer())
                         .start();
  BOOST_REQUIRE(started.has_value());
  BOOST_REQUIRE(seen.wait_for("ready " + where.path()));
  touch("a");
  BOOST_TEST(seen.wait_for("create " + where / "a"));
  std::filesystem::create_directory(where / "d");
  touch("d/b");
  BOOST_TEST(seen.wait_for("create " + where / "d/b"));
  std::filesystem::rename(where / "a", where / "c");
  BOOST_TEST(seen.wait_for("rename " + where / "c"));
  std::filesystem::remove_all(where / "d");
  BOOST_TEST(seen.wait_for("delete " + where / "d"));
  const auto health = host.health();
  BOOST_TEST(health.ready);
  BOOST_REQUIRE(health.children.size() == 3u);
  for (const auto& child : health.children)
    BOOST_TEST((child.state == child_state::ready), child.id);
  BOOST_TEST(health.children[0].id == "p/diary");
  BOOST_TEST(health.children[1].id == "p/debouncer");
  BOOST_TEST(health.children[2].id == "p/watcher");
  const auto report = host.stop(10s);
  BOOST_TEST(report.clean);
  BOOST_TEST(report.undelivered == 0u);
  BOOST_TEST(seen.count("create " + where / "a") == 1);
}

BOOST_AUTO_TEST_CASE(what_was_accepted_before_a_stop_is_delivered) {
  auto host = node{quiet()};
  const auto started = host.pipeline("p")
                         .watch(where.path())
                         .debounce({.quiet = 1h, .hold_max = 1h}) // only the drain hands on
                         .emit("diary", seen.writer())
                         .start();
  BOOST_REQUIRE(started.has_value());
  BOOST_REQUIRE(seen.wait_for("ready " + where.path()));
  touch("a");
  BOOST_REQUIRE(eventually([&] { return host.health().children[1].mailbox.depth > 0; }));
  host.stop(10s);
  BOOST_TEST(seen.count("create " + where / "a") == 1);
}

BOOST_AUTO_TEST_CASE(several_directories_are_several_watchers_of_one_stream) {
  const auto other = temporary_directory{};
  auto host = node{quiet()};
  const auto started =
    host.pipeline("p").watch(where.path()).watch(other.path()).emit("diary", seen.writer()).start();
  BOOST_REQUIRE(started.has_value());
  BOOST_TEST(seen.wait_for("ready " + where.path()));
  BOOST_TEST(seen.wait_for("ready " + other.path()));
  BOOST_TEST(host.health().children.size() == 4u); // a sequencer numbers them
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_is_restarted_and_given_the_same_again) {
  auto host = node{quiet()};
  auto throws = std::atomic<int>{2};
  const auto started = host.pipeline("p")
                         .source("source", [] { return std::make_unique<one_shot_source>(); })
                         .emit("callback",
                           [&](const event_batch& batch) {
                             if (throws-- > 0)
                               throw std::runtime_error{"not today"};
                             seen.write(batch);
                           })
                         .supervise(hasty())
                         .start();
  BOOST_REQUIRE(started.has_value());
  BOOST_TEST(seen.wait_for("modify /1"));
  BOOST_TEST(eventually([&] { return host.health().children[0].restarts_total == 2; }));
  const auto health = host.health();
  BOOST_TEST(health.children[0].last_error == "not today (in offer)");
  BOOST_TEST(!started->is_done());
  BOOST_TEST(host.stop(10s).undelivered == 0u);
  BOOST_TEST(seen.count("modify /1") == 1);
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_something_odd_is_supervised_too) {
  auto host = node{quiet()};
  auto throws = std::atomic<int>{1};
  const auto started = host.pipeline("p")
                         .source("source", [] { return std::make_unique<one_shot_source>(); })
                         .emit("callback",
                           [&](const event_batch& batch) {
                             if (throws-- > 0)
                               throw 42;
                             seen.write(batch);
                           })
                         .supervise(hasty())
                         .start();
  BOOST_REQUIRE(started.has_value());
  BOOST_TEST(seen.wait_for("modify /1"));
}

BOOST_AUTO_TEST_CASE(a_child_that_fails_for_good_fails_its_pipeline_and_leaves_the_other_alone) {
  auto host = node{quiet("bad.on_start:throw@1+")};
  const auto start = [&](std::string name, std::string child) {
    return host.pipeline(std::move(name))
      .source("source", [] { return std::make_unique<one_shot_source>(); })
      .emit(std::move(child), seen.writer())
      .supervise(hasty())
      .start();
  };
  const auto good = start("good", "fine");
  const auto bad = start("broken", "bad");
  BOOST_REQUIRE(good.has_value());
  BOOST_REQUIRE(bad.has_value());
  BOOST_TEST(eventually([&] { return bad->is_done(); }));
  BOOST_TEST(bad->has_failed());
  BOOST_TEST(bad->why().find("failed") == 0u);
  BOOST_TEST(!good->is_done());
  BOOST_TEST(!host.health().ready);
  BOOST_TEST(host.health().live);
}

BOOST_AUTO_TEST_CASE(health_is_text_and_numbers) {
  auto host = node{quiet()};
  BOOST_TEST(!host.health().ready); // nothing runs
  const auto started = host.pipeline("p").watch(where.path()).emit("e", seen.writer()).start();
  BOOST_REQUIRE(started.has_value());
  BOOST_TEST(eventually([&] { return host.health().ready && started->is_ready(); }));
  auto text = std::ostringstream{};
  text << host.health();
  BOOST_TEST(text.str().find("watcher") != std::string::npos);
  BOOST_TEST(host.health().version == version());
}

BOOST_AUTO_TEST_CASE(a_second_stop_gives_the_same_report_and_a_stopped_node_starts_nothing) {
  auto host = node{quiet()};
  BOOST_TEST(host.pipeline("p").watch(where.path()).emit("e", seen.writer()).start().has_value());
  const auto first = host.stop(10s);
  const auto second = host.stop(10s);
  BOOST_TEST(first.clean);
  BOOST_TEST(first.text == second.text);
  BOOST_TEST(first.clean == second.clean);
  BOOST_TEST(first.undelivered == second.undelivered);
  BOOST_TEST(first.text == "p: stopped");
  const auto late = host.pipeline("q").watch(where.path()).emit("e", seen.writer()).start();
  BOOST_REQUIRE(!late.has_value());
  BOOST_TEST((late.error().code == errc::closed));
}

BOOST_AUTO_TEST_CASE(a_node_that_is_stopping_starts_nothing_either) {
  auto host = node{quiet()};
  std::binary_semaphore offered{0};
  std::binary_semaphore go_on{0};
  const auto first = host.pipeline("slow")
                       .source("source", [] { return std::make_unique<one_shot_source>(); })
                       .emit("callback",
                         [&](const event_batch&) {
                           offered.release();
                           go_on.acquire();
                         })
                       .start();
  BOOST_REQUIRE(first.has_value());
  BOOST_REQUIRE(offered.try_acquire_for(20s));
  BOOST_REQUIRE(eventually([&] { return first->is_ready(); }));
  auto stopper = std::thread{[&] { host.stop(20s); }};
  BOOST_TEST(eventually([&] { return !first->is_ready(); })); // the stop has begun
  auto late = host.pipeline("late").watch(where.path()).emit("e", seen.writer()).start();
  go_on.release();
  stopper.join();
  BOOST_TEST(!late.has_value(), "a pipeline was started that nobody will ever stop");
  if (!late)
    return;
  late->request_stop(); // or the destructor would wait for it for ever
  BOOST_TEST(eventually([&] { return late->is_done(); }));
}

BOOST_AUTO_TEST_CASE(a_node_may_be_destroyed_without_a_stop) {
  auto delivered = std::string{"create "} + where / "a";
  {
    auto host = node{quiet()};
    const auto started = host.pipeline("p").watch(where.path()).emit("e", seen.writer()).start();
    BOOST_REQUIRE(started.has_value());
    BOOST_REQUIRE(seen.wait_for("ready " + where.path()));
    touch("a");
    BOOST_TEST(seen.wait_for(delivered));
  }
  { auto unused = node{quiet()}; }
}

BOOST_AUTO_TEST_CASE(a_pipeline_tells_when_it_is_done) {
  auto done = std::atomic<int>{0};
  auto host = node{quiet()};
  auto started = host.pipeline("p").watch(where.path()).emit("e", seen.writer()).start();
  BOOST_REQUIRE(started.has_value());
  started->on_done([&] { ++done; });
  started->request_stop();
  BOOST_TEST(eventually([&] { return done == 1; }));
  BOOST_TEST(started->is_done());
  BOOST_TEST(started->why() == "stopped");
}

BOOST_AUTO_TEST_CASE(thirty_nodes_one_after_the_other_leave_no_descriptor_and_no_thread) {
  const auto cycle = [&] {
    auto book = diary{};
    auto host = node{quiet()};
    auto started = host.pipeline("p")
                     .watch(where.path())
                     .debounce({.quiet = 1ms, .hold_max = 2ms})
                     .emit("e", book.writer())
                     .start();
    BOOST_REQUIRE(started.has_value());
    BOOST_REQUIRE(book.wait_for("ready " + where.path()));
    BOOST_REQUIRE(host.stop(10s).clean);
  };
  cycle(); // what is set up once in a process
  const auto descriptors = entries("/proc/self/fd");
  const auto threads = entries("/proc/self/task");
  for (auto i = 0; i < 30; ++i)
    cycle();
  BOOST_TEST(entries("/proc/self/fd") == descriptors);
  BOOST_TEST(eventually([&] { return entries("/proc/self/task") <= threads; }));
}

BOOST_AUTO_TEST_SUITE_END()
