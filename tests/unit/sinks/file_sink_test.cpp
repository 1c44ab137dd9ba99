#include "actors/sinks/file_sink.hpp"

#include "actors/codec/event_line.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"
#include "support/files.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/mount.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include <sched.h>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace file_sink_tests {

struct fixture {
  temporary_directory where;
  file_sink_options options{.path = where / "f"};
  std::shared_ptr<file_sink::kept> kept = std::make_shared<file_sink::kept>();
  fake_sink_context ctx;
  std::uint64_t seq = 1;
  std::string expected; ///< all lines that were offered

  file_sink make() {
    auto made = file_sink{kept, options, [](const log_line&) {}};
    made.on_start(ctx);
    return made;
  }

  event_batch next(std::vector<std::string> paths) {
    const auto batch = batch_of(paths).numbered(seq);
    for (const auto& what : batch)
      append_line(what, seq++, line_format::json, expected);
    return batch;
  }

  bool has_logged(std::string_view id) const {
    return std::any_of(
      ctx.lines.begin(), ctx.lines.end(), [&](const auto& x) { return x.event == id; });
  }
};

/// Runs it on a thread that has a file system of `size` bytes at `where`, seen by nobody else.
/// False when this machine does not allow that.
template <class Call>
bool on_small_disk(const std::string& where, const std::string& size, Call call) {
  auto possible = false;
  std::thread{[&] {
    possible = ::unshare(CLONE_NEWNS) == 0
               && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
               && ::mount("tmpfs", where.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    if (possible)
      call();
  }}.join();
  return possible;
}

} // namespace file_sink_tests

BOOST_FIXTURE_TEST_SUITE(file_sink_tests, fixture)

BOOST_AUTO_TEST_CASE(records_are_appended_and_a_batch_given_again_is_not_written_again) {
  const auto first = next({"/a", "/b"});
  auto one = make();
  one.offer(first, ctx);
  auto other = make(); // after a crash
  other.offer(first, ctx);
  other.offer(next({"/c"}), ctx);
  BOOST_TEST(content_of(where / "f") == expected);
}

BOOST_AUTO_TEST_CASE(another_run_appends_behind_what_the_last_one_had_torn) {
  make().offer(next({"/a"}), ctx);
  write_file(where / "f", expected + "{\"seq\":2,\"ty");
  kept = std::make_shared<file_sink::kept>();
  seq = 1;
  make().offer(next({"/b"}), ctx);
  BOOST_TEST(content_of(where / "f") == expected);
}

BOOST_AUTO_TEST_CASE(it_is_turned_over_before_it_grows_too_large) {
  options.bytes_max = 1000;
  options.keep = 100;
  auto one = make();
  for (auto i = 0; i < 30; ++i)
    one.offer(next({"/a/" + std::to_string(i), "/b"}), ctx);
  auto all = content_of(where / "f");
  for (auto n = 1; std::filesystem::exists(where / ("f." + std::to_string(n))); ++n) {
    const auto text = content_of(where / ("f." + std::to_string(n)));
    BOOST_TEST(text.size() <= 1000u);
    BOOST_TEST(text.size() > 700u);
    all = text + all;
  }
  BOOST_TEST(all == expected);
  BOOST_TEST(std::filesystem::exists(where / "f.1"));
}

BOOST_AUTO_TEST_CASE(it_is_turned_over_when_its_first_record_is_old) {
  options.age_max = 60s;
  auto one = make();
  ctx.clock += 1h; // an empty file does not age
  one.offer(next({"/a"}), ctx);
  ctx.clock += 59s;
  one.offer(next({"/b"}), ctx);
  BOOST_TEST(!std::filesystem::exists(where / "f.1"));
  const auto old = expected;
  ctx.clock += 1s;
  one.offer(next({"/c"}), ctx);
  BOOST_TEST(content_of(where / "f.1") == old);
  BOOST_TEST(old + content_of(where / "f") == expected);
}

BOOST_AUTO_TEST_CASE(a_file_that_was_renamed_or_removed_is_made_anew) {
  auto one = make();
  one.offer(next({"/a"}), ctx);
  const auto old = expected;
  std::filesystem::rename(where / "f", where / "f.old");
  one.offer(next({"/b"}), ctx);
  BOOST_TEST(content_of(where / "f.old") == old);
  BOOST_TEST(old + content_of(where / "f") == expected);
  std::filesystem::remove(where / "f");
  expected.clear();
  one.offer(next({"/c"}), ctx);
  BOOST_TEST(content_of(where / "f") == expected);
  BOOST_TEST(has_logged("file_reopened"));
}

BOOST_AUTO_TEST_CASE(a_rotation_that_fails_is_told_and_the_file_grows) {
  options.bytes_max = 10;
  options.keep = 1;
  std::filesystem::create_directories(where / "f.1/x");
  auto one = make();
  one.offer(next({"/a"}), ctx);
  one.offer(next({"/b"}), ctx);
  one.offer(next({"/c"}), ctx);
  BOOST_TEST(content_of(where / "f") == expected);
  BOOST_TEST(has_logged("file_not_rotated"));
  std::filesystem::remove_all(where / "f.1");
  ctx.clock += 1min;
  const auto old = expected;
  one.offer(next({"/d"}), ctx);
  BOOST_TEST(content_of(where / "f.1") == old);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_gone_is_waited_for_and_a_stop_ends_the_wait) {
  std::filesystem::create_directory(where / "d");
  options.path = where / "d/f";
  auto one = make();
  one.offer(next({"/a"}), ctx);
  std::filesystem::remove_all(where / "d");
  expected.clear();
  const auto batch = next({"/b"});
  auto stop = wake_event{};
  stop.raise();
  ctx.wake = stop.descriptor();
  one.offer(batch, ctx);
  BOOST_TEST(ctx.degradation.find("make it first") != std::string::npos, ctx.degradation);
  std::filesystem::create_directory(where / "d");
  one.offer(batch, ctx);
  BOOST_TEST(ctx.degradation == "");
  BOOST_TEST(content_of(where / "d/f") == expected);
}

BOOST_AUTO_TEST_CASE(a_link_that_takes_the_name_is_not_followed) {
  auto one = make();
  std::filesystem::remove(where / "f");
  std::filesystem::create_symlink("elsewhere", where / "f");
  auto stop = wake_event{};
  stop.raise();
  ctx.wake = stop.descriptor();
  one.offer(next({"/a"}), ctx);
  BOOST_TEST(ctx.degradation.find("a link") != std::string::npos, ctx.degradation);
  BOOST_TEST(!std::filesystem::exists(where / "elsewhere"));
}

BOOST_AUTO_TEST_CASE(every_policy_of_sync_writes_the_same) {
  for (auto how : {sync_policy::never, sync_policy::each_batch, sync_policy::interval}) {
    options.sync = how;
    kept = std::make_shared<file_sink::kept>();
    auto one = make();
    one.offer(next({"/a"}), ctx);
    one.offer(next({"/b"}), ctx);
  }
  BOOST_TEST(content_of(where / "f") == expected);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_waited_out_and_neither_tears_nor_doubles_a_line) {
  for (auto how : {sync_policy::never, sync_policy::each_batch}) {
    options.sync = how;
    kept = std::make_shared<file_sink::kept>();
    seq = 1;
    expected.clear();
    auto torn_meanwhile = false;
    const auto possible = on_small_disk(where.path(), "64k", [&] {
      write_file(where / "filler", std::string(32 * 1024, 'x'));
      auto stop = wake_event{};
      stop.raise(); // every wait ends at once
      ctx.wake = stop.descriptor();
      auto one = make();
      auto batch = event_batch{};
      while (ctx.degradation.empty()) {
        batch = next(std::vector<std::string>(50, "/a/" + std::string(100, 'y')));
        one.offer(batch, ctx);
      }
      BOOST_TEST(ctx.degradation.find("No space left") != std::string::npos, ctx.degradation);
      torn_meanwhile = content_of(where / "f").back() != '\n';
      one.offer(batch, ctx); // still full
      std::filesystem::remove(where / "filler");
      one.offer(batch, ctx);
      BOOST_TEST(ctx.degradation == "");
      BOOST_TEST((content_of(where / "f") == expected));
    });
    if (!possible)
      BOOST_TEST_MESSAGE("skipped: no private mount here");
    BOOST_TEST(!torn_meanwhile);
  }
}

BOOST_AUTO_TEST_SUITE_END()
