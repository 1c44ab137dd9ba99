#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace node_leak_tests {

constexpr auto cycles = 100;
constexpr auto watches = 20; ///< fewer: to close an inotify instance costs up to 100 ms
constexpr auto crashes = 1'000;

/// What grows without a leak: malloc's arenas, one for each thread that happens to run at a time.
constexpr auto growth_max = std::size_t{24} << 20;

std::size_t entries(const char* directory) {
  const auto all = std::filesystem::directory_iterator{directory};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Bytes in memory; 0 under the address sanitizer, which keeps what was freed (and looks for leaks
/// itself).
std::size_t resident() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#else
  auto total = std::size_t{0};
  auto pages = std::size_t{0};
  std::ifstream{"/proc/self/statm"} >> total >> pages; // proc(5)
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
#endif
}

/// What a process holds on to.
struct holdings {
  std::size_t descriptors = entries("/proc/self/fd");
  std::size_t threads = entries("/proc/self/task");
  std::size_t bytes = resident();

  void check_no_more() const {
    BOOST_TEST(eventually([&] { return entries("/proc/self/task") <= threads; }));
    BOOST_TEST(eventually([&] { return entries("/proc/self/fd") <= descriptors; }));
    BOOST_TEST(resident() < bytes + growth_max);
  }
};

/// Crashes on every batch it sees for the first time.
class shaky_stage final : public stage {
public:
  explicit shaky_stage(std::atomic<int>& calls) : calls_{calls} {}
  void on_batch(const event_batch& batch, context& ctx) override {
    if (calls_++ % 2 == 0)
      ctx.fail("every other time");
    if (ctx.emit(batch) != emit_result::taken)
      ctx.fail("downstream is full");
  }

private:
  std::atomic<int>& calls_;
};

} // namespace node_leak_tests

BOOST_AUTO_TEST_SUITE(node_leak_tests)

BOOST_AUTO_TEST_CASE(pipelines_that_watch_come_and_go_in_one_node_and_leave_nothing_behind) {
  const auto where = temporary_directory{};
  const auto cycle = [&](node& host) {
    auto seen = diary{};
    auto running = host.pipeline("p")
                     .watch(where.path())
                     .debounce({.quiet = 1ms, .hold_max = 2ms})
                     .emit("diary", [&](const event_batch& batch) { seen.write(batch); })
                     .start();
    BOOST_REQUIRE(running.has_value());
    BOOST_REQUIRE(seen.wait_for("ready " + where.path()));
    running->request_stop();
    BOOST_REQUIRE(eventually([&] { return running->is_done(); }));
    BOOST_REQUIRE(!running->has_failed());
  };
  {
    auto unmeasured = node{quiet()}; // what is set up once in a process
    cycle(unmeasured);
  }
  const auto before = holdings{};
  {
    auto host = node{quiet()};
    for (auto i = 0; i < watches / 2; ++i)
      cycle(host);
    const auto half_way = holdings{};
    for (auto i = 0; i < watches / 2; ++i)
      cycle(host);
    half_way.check_no_more();
    BOOST_TEST(host.health().children.size() <= 3u); // the last one, which has ended
  }
  before.check_no_more();
}

BOOST_AUTO_TEST_CASE(a_hundred_nodes_one_after_the_other_leave_nothing_behind) {
  const auto cycle = [] {
    auto host = node{quiet()};
    auto seen = diary{};
    auto running = host.pipeline("p")
                     .source("source", silent_source::factory())
                     .emit("diary", [&](const event_batch& batch) { seen.write(batch); })
                     .start();
    BOOST_REQUIRE(running.has_value());
    BOOST_REQUIRE(running->push("diary", batch_of({"/1"})).has_value());
    BOOST_REQUIRE(seen.wait_for("modify /1"));
    BOOST_REQUIRE(host.stop(20s).clean);
  };
  for (auto i = 0; i < 5; ++i) // what is set up once in a process
    cycle();
  const auto before = holdings{};
  for (auto i = 0; i < cycles; ++i)
    cycle();
  before.check_no_more();
}

BOOST_AUTO_TEST_CASE(a_thousand_crashes_leave_nothing_behind_and_lose_nothing) {
  auto calls = std::atomic<int>{0};
  auto seen = std::atomic<int>{0};
  auto host = node{quiet()};
  auto options = supervise_options{};
  options.restart.backoff = {
    .base = 1ms, .cap = 1ms, .attempts_max = 100 * crashes, .stable_after = 1h};
  options.group.budget.restarts_max = 100 * crashes;
  auto running = host.pipeline("p")
                   .source("source", silent_source::factory())
                   .stage("stage", [&] { return std::make_unique<shaky_stage>(calls); })
                   .emit("sink", [&](const event_batch&) { ++seen; })
                   .supervise(options)
                   .start();
  BOOST_REQUIRE(running.has_value());
  const auto push = [&](int count) {
    const auto goal = seen + count;
    for (auto i = 0; i < count; ++i)
      BOOST_REQUIRE(running->push("stage", batch_of({"/x"}), patience).has_value());
    BOOST_REQUIRE(eventually([&] { return seen == goal; }));
  };
  push(crashes / 10); // until the tables have their size
  const auto before = holdings{};
  push(crashes);
  before.check_no_more();
  BOOST_TEST(eventually([&] { return host.health().totals.restarts == crashes + crashes / 10; }));
  BOOST_TEST(host.dead_letters(0, 10).entries.empty());
  BOOST_TEST(host.stop(20s).clean);
  BOOST_TEST(seen == crashes + crashes / 10);
}

BOOST_AUTO_TEST_SUITE_END()
