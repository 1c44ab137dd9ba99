#include "actors/sinks/command_sink.hpp"

#include "actors/os/wake_event.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"
#include "support/files.hpp"
#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <mutex>
#include <optional>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace command_sink_tests {

struct fixture {
  temporary_directory where;
  command_sink_options options;
  fake_sink_context ctx;
  std::uint64_t seq = 1;
  std::mutex mutex;
  std::vector<log_line> lines;
  std::shared_ptr<command_runner> runner;

  /// A shell command that works in the test's directory.
  command_sink make(const std::string& script) {
    options.argv = {"sh", "-c", script, "sh", "{}"};
    options.working_directory = where.path();
    runner = std::make_shared<command_runner>(options, "p", [this](const log_line& line) {
      const auto held = std::scoped_lock{mutex};
      lines.push_back(line);
    });
    return command_sink{runner, options};
  }

  void offer(command_sink& to, const std::vector<std::string>& paths) {
    const auto batch = batch_of(paths).numbered(seq);
    seq += batch.size();
    to.offer(batch, ctx);
  }

  std::size_t count(std::string_view id) {
    const auto held = std::scoped_lock{mutex};
    return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const auto& x) { return x.event == id; }));
  }
  bool has_come(std::string_view id, std::size_t times = 1) {
    return eventually([&] { return count(id) >= times; });
  }
  bool has_written(const std::string& name, const std::string& text) {
    return eventually([&] { return content_of(where / name) == text; });
  }
  void allow_to_go_on() { write_file(where / "go", ""); }
};

/// Waits in the shell until the test allows it to go on.
const auto wait_here = std::string{"while [ ! -e go ]; do sleep 0.01; done; "};

} // namespace command_sink_tests

BOOST_FIXTURE_TEST_SUITE(command_sink_tests, fixture)

BOOST_AUTO_TEST_CASE(it_runs_for_changes_and_not_for_markers) {
  auto one = make("echo $@ $ACTORS_COUNT >> out; wc -l < /dev/stdin >> out");
  one.offer(marker(event_type::ready, "/r", "inotify").numbered(seq++), ctx);
  offer(one, {"/a", "/b"});
  BOOST_TEST(has_written("out", "/a /b 2\n2\n"));
  BOOST_TEST(eventually([&] { return runner->is_idle(); }));
  BOOST_TEST(count("command_started") == 1u);
}

BOOST_AUTO_TEST_CASE(batches_of_one_window_are_one_run) {
  auto one = make("echo $# >> out");
  for (auto i = 0; i < 10; ++i)
    offer(one, {"/a" + std::to_string(i)});
  BOOST_TEST(has_written("out", "10\n"));
}

BOOST_AUTO_TEST_CASE(what_comes_during_a_run_is_for_one_more_run) {
  auto one = make(wait_here + "echo $@ >> out");
  offer(one, {"/a"});
  BOOST_REQUIRE(has_come("command_started"));
  auto others = std::thread{[&] {
    offer(one, {"/b"}); // waits here
    offer(one, {"/c"});
    offer(one, {"/d"});
  }};
  allow_to_go_on();
  others.join();
  BOOST_TEST(has_written("out", "/a\n/b /c /d\n"));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_wait_for_a_run) {
  auto one = make("sleep 1000");
  offer(one, {"/a"});
  BOOST_REQUIRE(has_come("command_started"));
  auto stop = wake_event{};
  stop.raise();
  ctx.wake = stop.descriptor();
  ctx.stop = true;
  offer(one, {"/b"});
  runner->request_stop();
  BOOST_TEST(eventually([&] { return runner->is_idle(); }));
  BOOST_TEST(count("command_started") == 1u);
}

BOOST_AUTO_TEST_CASE(with_ignore_what_comes_during_a_run_is_passed_over_and_told) {
  options.on_busy = busy_policy::ignore;
  auto one = make(wait_here + "echo $@ >> out");
  offer(one, {"/a"});
  BOOST_REQUIRE(has_come("command_started"));
  offer(one, {"/b"});
  BOOST_TEST(has_come("changes_ignored"));
  allow_to_go_on();
  BOOST_TEST(has_come("command_ended"));
  BOOST_TEST(eventually([&] { return runner->is_idle(); }));
  offer(one, {"/c"});
  BOOST_TEST(has_written("out", "/a\n/c\n"));
}

BOOST_AUTO_TEST_CASE(with_restart_it_is_stopped_and_started_for_what_is_new) {
  options.on_busy = busy_policy::restart;
  auto one = make("echo $@ >> out; exec sleep 1000");
  offer(one, {"/a"});
  BOOST_REQUIRE(has_written("out", "/a\n"));
  offer(one, {"/b"});
  BOOST_TEST(has_written("out", "/a\n/b\n"));
}

BOOST_AUTO_TEST_CASE(with_signal_it_is_told_and_goes_on) {
  options.on_busy = busy_policy::signal;
  auto one = make("trap 'echo hup >> out' HUP; echo $@ >> out; " + wait_here);
  offer(one, {"/a"});
  BOOST_REQUIRE(has_written("out", "/a\n"));
  offer(one, {"/b"});
  BOOST_TEST(has_written("out", "/a\nhup\n"));
  allow_to_go_on();
  BOOST_TEST(eventually([&] { return runner->is_idle(); }));
  BOOST_TEST(count("command_started") == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_ignores_the_stop_signal_is_killed_with_its_children) {
  options.stop_timeout = std::chrono::milliseconds{50};
  auto one = make("trap '' TERM; (trap '' TERM; echo $$ > child; while :; do sleep 0.01; done) & "
                  "echo up > out; while :; do sleep 0.01; done");
  offer(one, {"/a"});
  BOOST_REQUIRE(has_written("out", "up\n"));
  runner->request_stop();
  BOOST_TEST(eventually([&] { return runner->is_idle(); }));
  BOOST_TEST(count("command_killed") == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_is_stopped_by_sigstop_can_be_stopped) {
  auto one = make("echo up > out; kill -STOP $$; sleep 1000");
  offer(one, {"/a"});
  BOOST_REQUIRE(has_written("out", "up\n"));
  runner->request_stop();
  BOOST_TEST(eventually([&] { return runner->is_idle(); }));
  BOOST_TEST(count("command_killed") == 0u);
}

BOOST_AUTO_TEST_CASE(those_that_it_leaves_behind_end_with_the_run) {
  auto one = make("sleep 1000 & echo $! > out");
  offer(one, {"/a"});
  BOOST_TEST(has_come("command_ended"));
  BOOST_TEST(count("command_left_others") == 1u);
  const auto pid = content_of(where / "out");
  BOOST_TEST(eventually([&] {
    const auto stat = content_of("/proc/" + pid.substr(0, pid.find('\n')) + "/stat");
    return stat.empty() || stat.find(") Z") != std::string::npos;
  }));
}

BOOST_AUTO_TEST_CASE(one_that_takes_too_long_fails) {
  options.timeout = std::chrono::milliseconds{30};
  auto one = make("sleep 1000");
  offer(one, {"/a"});
  BOOST_TEST(has_come("command_failed"));
  BOOST_TEST(eventually([&] { return !runner->last_failure().empty(); }));
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_and_with_retry_failed_it_is_a_crash) {
  {
    auto one = make("exit 3");
    offer(one, {"/a"});
    BOOST_TEST(has_come("command_failed"));
  }
  options.retry_failed = true;
  auto one = make("[ -e fine ] || exit 3");
  BOOST_CHECK_EXCEPTION(offer(one, {"/b"}), stage_failure,
    [](const stage_failure& x) { return std::string{x.what()} == "the command failed: status 3"; });
  write_file(where / "fine", "");
  BOOST_CHECK_NO_THROW(offer(one, {"/b"}));
}

BOOST_AUTO_TEST_CASE(output_goes_to_the_log_and_a_hundred_megabytes_of_it_harm_nobody) {
  options.capture_output = true;
  auto one = make("echo hello; echo there >&2; yes | head -c 100000000; echo; exit 0");
  offer(one, {"/a"});
  BOOST_TEST(has_come("command_ended"));
  BOOST_TEST(has_come("command_output_left_out"));
  BOOST_TEST(count("command_output") >= 100u);
  BOOST_TEST(count("command_output") < 10'000u);
}

BOOST_AUTO_TEST_CASE(one_that_is_not_there_any_more_is_told_and_is_tried_again) {
  options.argv = {where / "tool", "{}"};
  runner = std::make_shared<command_runner>(options, "p", [this](const log_line& line) {
    const auto held = std::scoped_lock{mutex};
    lines.push_back(line);
  });
  auto one = command_sink{runner, options};
  offer(one, {"/a"});
  BOOST_TEST(has_come("command_not_started"));
  BOOST_TEST(eventually([&] { return runner->is_idle(); }));
  write_file(where / "tool", "#!/bin/sh\nexit 0\n");
  std::filesystem::permissions(where / "tool", std::filesystem::perms::owner_all);
  offer(one, {"/b"});
  BOOST_TEST(has_come("command_ended"));
}

BOOST_AUTO_TEST_CASE(with_initial_it_runs_once_when_the_first_root_is_ready) {
  options.initial = true;
  auto one = make("echo $# $ACTORS_TYPE $ACTORS_PATH $ACTORS_COUNT >> out; cat >> out");
  one.offer(marker(event_type::ready, "/r", "inotify").numbered(seq++), ctx);
  BOOST_TEST(has_written("out", "0 ready /r 0\n"));
  BOOST_TEST(eventually([&] { return runner->is_idle(); }));
  one.offer(marker(event_type::ready, "/s", "inotify").numbered(seq++), ctx);
  BOOST_TEST(runner->is_idle());
}

BOOST_AUTO_TEST_CASE(options_that_make_no_sense_are_refused) {
  const auto is_refused = [](const command_sink_options& x) { return !command_sink::check(x); };
  BOOST_TEST(is_refused({}));
  BOOST_TEST(is_refused({.argv = {""}}));
  BOOST_TEST(is_refused({.argv = {"{path}"}}));
  BOOST_TEST(is_refused({.argv = {"no-such-program-anywhere"}}));
  BOOST_TEST(is_refused({.argv = {"sh", std::string{"a\0b", 3}}}));
  BOOST_TEST(is_refused({.argv = {"sh"}, .stop_signal = 0}));
  BOOST_TEST(is_refused({.argv = {"sh"}, .signal = 1000}));
  BOOST_TEST(is_refused({.argv = {"sh"}, .environment = {"no"}}));
  BOOST_TEST(!is_refused({.argv = {"sh"}, .environment = {"A="}}));
}

BOOST_AUTO_TEST_SUITE_END()
