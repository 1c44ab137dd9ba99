// The watcher on a real directory, killed at random; the oracle is the disk itself.
#include "actors/watch/watcher.hpp"

#include "actors/os/source_ladder.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/stage_bench.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <thread>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace watcher_tests {

/// What a source sees, from a thread of the test; it may be told to crash or to find no room.
class live_source_context final : public fake_base_context<source_context> {
public:
  time_point now() const override { return std::chrono::steady_clock::now(); }
  void progress(const char*) override {
    if (crash_.exchange(false))
      fail("told to");
  }
  emit_result emit(event_batch batch) override {
    if (batch.empty())
      return emit_result::taken;
    if (full_)
      return emit_result::full;
    auto lock = std::scoped_lock{mutex_};
    for (auto& line : lines_of(batch))
      lines_.push_back(line);
    for (const auto& what : batch)
      follow(what);
    changed_.notify_all();
    return emit_result::taken;
  }
  int wake_descriptor() const override { return wake_.descriptor(); }
  bool acknowledge() override { return wake_.lower(); }
  bool drain_requested() const override { return false; }
  bool stop_requested() const override { return stop_; }
  void ready() override {}

  // -- for the test

  void crash() {
    crash_ = true;
    wake_.raise();
  }
  void stop() {
    stop_ = true;
    wake_.raise();
  }
  void set_full(bool full) {
    full_ = full;
    wake_.raise();
  }
  template <class Condition>
  bool wait_for(Condition holds) {
    auto lock = std::unique_lock{mutex_};
    return changed_.wait_for(lock, 20s, [&] { return holds(lines_, paths_); });
  }

private:
  /// The reader's idea of what is there.
  void follow(const event& what) {
    const auto path = std::string{what.path};
    const auto erase = [&](const std::string& doomed) {
      std::erase_if(
        paths_, [&](const std::string& x) { return x == doomed || x.starts_with(doomed + "/"); });
    };
    if (what.type == event_type::create) {
      paths_.insert(path);
    } else if (what.type == event_type::remove) {
      erase(path);
    } else if (what.type == event_type::rename) {
      const auto from = std::string{what.from};
      auto moved = std::set<std::string>{};
      for (const auto& x : paths_)
        if (x == from || x.starts_with(from + "/"))
          moved.insert(path + x.substr(from.size()));
      erase(from);
      erase(path);
      paths_.merge(moved);
    }
  }

  wake_event wake_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> crash_{false};
  std::atomic<bool> full_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  std::set<std::string> paths_;
};

struct fixture {
  temporary_directory where;
  std::shared_ptr<told_tree> told = std::make_shared<told_tree>(where.path());
  live_source_context ctx;
  std::atomic<int> crashes{0};
  std::thread runner;

  /// One incarnation after the other, on the same told tree, until the stop.
  void start() {
    runner = std::thread{[this] {
      while (!ctx.stop_requested())
        try {
          auto options = watch_options{};
          options.path = where.path();
          watcher{options, told, source_ladder::open}.run(ctx);
        } catch (const stage_failure&) {
          ++crashes;
        }
    }};
    BOOST_REQUIRE(wait_for_line("ready " + where.path()));
  }
  ~fixture() {
    ctx.stop();
    if (runner.joinable())
      runner.join();
  }

  bool wait_for_line(const std::string& line) {
    return ctx.wait_for([&](const auto& lines, const auto&) {
      return std::find(lines.begin(), lines.end(), line) != lines.end();
    });
  }
  std::set<std::string> on_disk() const {
    auto paths = std::set<std::string>{};
    for (const auto& x : std::filesystem::recursive_directory_iterator{where.path()})
      paths.insert(x.path().string());
    return paths;
  }
  bool reader_agrees() {
    const auto disk = on_disk();
    return ctx.wait_for([&](const auto&, const auto& paths) { return paths == disk; });
  }
};

} // namespace watcher_tests

BOOST_FIXTURE_TEST_SUITE(watcher_tests, fixture)

BOOST_AUTO_TEST_CASE(what_happens_is_told) {
  start();
  std::ofstream{where / "a"} << "x";
  BOOST_TEST(wait_for_line("create " + where / "a"));
  std::filesystem::rename(where / "a", where / "b");
  BOOST_TEST(wait_for_line("rename " + where / "b"));
  std::filesystem::create_directories(where / "d/e/f");
  std::ofstream{where / "d/e/f/g"} << "x";
  BOOST_TEST(wait_for_line("create " + where / "d/e/f/g"));
  std::filesystem::remove_all(where / "d");
  BOOST_TEST(wait_for_line("delete " + where / "d"));
  BOOST_TEST(reader_agrees());
}

BOOST_AUTO_TEST_CASE(what_happens_while_it_is_down_is_told_by_the_next_incarnation) {
  start();
  ctx.set_full(true); // nothing gets out
  std::ofstream{where / "a"} << "x";
  ctx.crash();
  std::ofstream{where / "b"} << "x";
  std::filesystem::remove(where / "a");
  ctx.set_full(false);
  BOOST_TEST(wait_for_line("create " + where / "b"));
  BOOST_TEST(reader_agrees());
}

BOOST_AUTO_TEST_CASE(whatever_crashes_when_the_reader_ends_with_the_disk) {
  start();
  auto random = std::mt19937{17};
  const auto name = [&] {
    auto path = where.path();
    for (auto n = 1 + random() % 3; n > 0; --n)
      path += std::string{"/"} + static_cast<char>('a' + random() % 4);
    return path;
  };
  auto ignored = std::error_code{};
  for (auto i = 0; i < 2000; ++i) {
    switch (random() % 5) {
      case 0: std::filesystem::create_directories(name(), ignored); break;
      case 1: std::ofstream{name()} << "x"; break;
      case 2: std::filesystem::rename(name(), name(), ignored); break;
      case 3: std::filesystem::remove(name(), ignored); break;
      default:
        if (random() % 10 == 0)
          std::filesystem::remove_all(name(), ignored);
    }
    if (random() % 200 == 0)
      ctx.crash();
    if (random() % 100 == 0)
      ctx.set_full(random() % 2 == 0);
  }
  ctx.set_full(false);
  BOOST_TEST(reader_agrees());
  BOOST_TEST(crashes > 0);
}

BOOST_AUTO_TEST_SUITE_END()
