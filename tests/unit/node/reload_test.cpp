#include "actors/actors.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace reload_tests {

using texts = std::vector<std::string>;

struct fixture {
  temporary_directory where;
  node host{{.log = [](const log_line&) {}}};

  /// A pipeline of a directory of its own, which stays empty.
  pipeline_config pipeline(const std::string& name) {
    std::filesystem::create_directory(where / name);
    auto config = pipeline_config{};
    config.name = name;
    config.paths = {where / name};
    config.watch.backend = watch_backend::inotify;
    config.emit = {{"out", stdout_sink_options{}, {}, {}}};
    return config;
  }

  reload_report reload(std::vector<pipeline_config> pipelines) {
    auto config = node_config{};
    config.pipelines = std::move(pipelines);
    return host.reload(config);
  }

  /// Once it is ready; 0 when there is no such child.
  std::uint64_t incarnation(const std::string& id) {
    for (const auto due = std::chrono::steady_clock::now() + 20s;
         std::chrono::steady_clock::now() < due; std::this_thread::sleep_for(5ms)) {
      const auto rows = host.health().children;
      const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& x) { return x.id == id; });
      if (row == rows.end())
        return 0;
      if (row->state == child_state::ready)
        return row->incarnation;
    }
    return 0;
  }
};

texts failures_of(const reload_report& report) {
  auto found = texts{};
  for (const auto& x : report.failed)
    found.push_back(x.text);
  return found;
}

} // namespace reload_tests

BOOST_FIXTURE_TEST_SUITE(reload_tests, fixture)

BOOST_AUTO_TEST_CASE(the_first_configuration_starts_everything) {
  const auto report = reload({pipeline("a"), pipeline("b")});
  BOOST_TEST(
    report.done == (texts{"pipeline a: started: it is new", "pipeline b: started: it is new"}),
    boost::test_tools::per_element());
  BOOST_TEST(report.failed.empty());
  BOOST_TEST(report.started.size() == 2u);
  BOOST_TEST(incarnation("a/watcher") == 1u);
  BOOST_TEST(incarnation("b/out") == 1u);
}

BOOST_AUTO_TEST_CASE(the_same_again_changes_nothing) {
  reload({pipeline("a")});
  const auto report = reload({pipeline("a")});
  BOOST_TEST(report.done.empty());
  BOOST_TEST(report.started.empty());
  BOOST_TEST(report.pipelines.size() == 1u);
}

BOOST_AUTO_TEST_CASE(another_limit_is_adjusted_in_place_and_the_watcher_watches_on) {
  reload({pipeline("a"), pipeline("b")});
  BOOST_TEST(incarnation("a/watcher") == 1u);
  BOOST_TEST(incarnation("a/debouncer") == 1u);
  auto changed = pipeline("a");
  changed.debounce.quiet = 10ms;
  const auto report = reload({changed, pipeline("b")});
  BOOST_TEST(report.done == (texts{"pipeline a: adjusted: debouncer changed"}),
    boost::test_tools::per_element());
  BOOST_TEST(report.started.empty());
  BOOST_TEST(incarnation("a/debouncer") == 2u);
  BOOST_TEST(incarnation("a/watcher") == 1u);
  BOOST_TEST(incarnation("b/debouncer") == 1u);
  BOOST_TEST(reload({changed, pipeline("b")}).done.empty());
}

BOOST_AUTO_TEST_CASE(what_is_gone_is_stopped_what_is_new_started_and_the_rest_runs_on) {
  reload({pipeline("a"), pipeline("b")});
  const auto report = reload({pipeline("c"), pipeline("b")});
  BOOST_TEST(report.done
               == (texts{"pipeline a: stopped: it is not in the configuration any more",
                 "pipeline c: started: it is new"}),
    boost::test_tools::per_element());
  BOOST_TEST(incarnation("a/watcher") == 0u);
  BOOST_TEST(incarnation("b/watcher") == 1u);
  BOOST_TEST(incarnation("c/watcher") == 1u);
}

BOOST_AUTO_TEST_CASE(another_root_restarts_that_pipeline_alone) {
  reload({pipeline("a"), pipeline("b")});
  auto changed = pipeline("a");
  changed.paths = {where / "b"};
  const auto report = reload({changed, pipeline("b")});
  BOOST_TEST(report.done == (texts{"pipeline a: restarted: watch changed"}),
    boost::test_tools::per_element());
  BOOST_TEST(report.started.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_state_file_goes_from_the_old_pipeline_to_the_new_one) {
  auto config = pipeline("a");
  config.watch.state_file = where / "state";
  auto held = reload({config}).started;
  config.debounce.quiet = 10ms; // a cell was replaced meanwhile
  reload({config});
  config.supervise.hang_after = 20s;
  const auto report = reload({config});
  BOOST_TEST(failures_of(report) == texts{}, boost::test_tools::per_element());
  BOOST_TEST(incarnation("a/watcher") == 1u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_started_as_wanted_runs_on_as_it_was) {
  reload({pipeline("a")});
  auto changed = pipeline("a");
  changed.paths = {where / "nowhere"};
  const auto report = reload({changed});
  BOOST_TEST(report.done.empty());
  BOOST_REQUIRE(report.failed.size() == 1u);
  BOOST_TEST((report.failed[0].code == errc::not_found));
  BOOST_TEST(report.failed[0].text.find("it runs on as it was") != std::string::npos);
  BOOST_TEST(incarnation("a/watcher") == 1u);
  std::filesystem::create_directory(where / "nowhere"); // the next try is one more change
  BOOST_TEST(reload({changed}).done == (texts{"pipeline a: restarted: watch changed"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_restart_loses_is_told) {
  auto config = pipeline("a");
  config.supervise.group.drain_deadline = 0ms;
  config.debounce.quiet = 1h;
  config.debounce.hold_max = 1h;
  const auto before = reload({config});
  BOOST_TEST(incarnation("a/debouncer") == 1u);
  auto running = before.started.at(0);
  BOOST_REQUIRE(running.push("out", event_batch{}));
  config.supervise.hang_after = 20s;
  const auto report = reload({config});
  BOOST_TEST(report.failed.empty());
  const auto lost = running.why() != "stopped";
  BOOST_TEST(report.done.size() == (lost ? 2u : 1u));
}

BOOST_AUTO_TEST_CASE(what_has_ended_starts_anew) {
  auto report = reload({pipeline("a")});
  BOOST_REQUIRE(report.started.size() == 1u);
  report.started[0].request_stop();
  while (!report.started[0].is_done())
    std::this_thread::sleep_for(1ms);
  report = reload({pipeline("a")});
  BOOST_TEST(report.done == (texts{"pipeline a: restarted: it had ended: stopped"}),
    boost::test_tools::per_element());
  BOOST_TEST(incarnation("a/watcher") == 1u);
}

BOOST_AUTO_TEST_CASE(a_root_comes_and_goes_while_the_pipeline_runs) {
  reload({pipeline("a"), pipeline("b")});
  std::filesystem::create_directory(where / "more");
  const auto more = root_change{"a", root_change::action::watch, where / "more/"};
  auto report = host.change_root(more);
  BOOST_TEST(report.done == (texts{"pipeline a: restarted: watch changed"}),
    boost::test_tools::per_element());
  BOOST_TEST(report.pipelines.size() == 2u);
  BOOST_TEST(incarnation("a/watcher-2") == 1u);
  BOOST_TEST(incarnation("b/watcher") == 1u);
  const auto less = root_change{"a", root_change::action::unwatch, where / "a"};
  BOOST_TEST(host.change_root(less).failed.empty());
  BOOST_TEST(incarnation("a/watcher") == 1u);
  BOOST_TEST(incarnation("a/watcher-2") == 0u);
  report = reload({pipeline("a"), pipeline("b")}); // what the configuration says counts again
  BOOST_TEST(report.done == (texts{"pipeline a: restarted: watch changed"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_root_that_cannot_come_or_go_changes_nothing_and_says_why) {
  reload({pipeline("a")});
  const auto own = host.start(pipeline("own"));
  BOOST_REQUIRE(own);
  const auto why = [&](const std::string& whom, root_change::action what, const std::string& path) {
    const auto report = host.change_root({whom, what, path});
    BOOST_TEST(report.done.empty());
    BOOST_TEST(report.pipelines.size() == 1u);
    BOOST_REQUIRE(report.failed.size() == 1u);
    BOOST_TEST(
      (report.failed[0].code == (whom == "none" ? errc::not_found : errc::invalid_argument)));
    return report.failed[0].text;
  };
  const auto watch = root_change::action::watch;
  const auto unwatch = root_change::action::unwatch;
  const auto has = [](const std::string& text, const std::string& part) {
    BOOST_TEST(text.find(part) != std::string::npos, part << " is not in " << text);
  };
  has(why("none", watch, where / "a"), "there is no pipeline none");
  has(why("own", watch, where / "a"), "it comes of no configuration");
  has(why("a", watch, where / "nowhere"), "does not exist");
  has(why("a", watch, where / "./a/"), "already");
  has(why("a", watch, "relative"), "is no absolute path");
  has(why("a", watch, (where / "a") + std::string(1, '\0') + "x"), "is no absolute path");
  has(why("a", unwatch, where / "b"), "it does not watch");
  has(why("a", unwatch, where / "a"), "is the last path");
  auto remembering = pipeline("a");
  remembering.watch.state_file = where / "state";
  reload({remembering});
  std::filesystem::create_directory(where / "more");
  has(why("a", watch, where / "more"), "is of one root");
  BOOST_TEST(incarnation("a/watcher") == 1u);
}

BOOST_AUTO_TEST_CASE(another_pipeline_that_has_ended_does_not_start_for_a_root) {
  auto report = reload({pipeline("a"), pipeline("b")});
  BOOST_REQUIRE(report.pipelines.size() == 2u);
  report.pipelines[1].request_stop();
  while (!report.pipelines[1].is_done())
    std::this_thread::sleep_for(1ms);
  std::filesystem::create_directory(where / "more");
  report = host.change_root({"a", root_change::action::watch, where / "more"});
  BOOST_TEST(report.done.size() == 1u);
  BOOST_TEST(report.started.size() == 1u);
}

BOOST_AUTO_TEST_CASE(pipelines_of_the_host_are_left_alone) {
  const auto own = host.start(pipeline("own"));
  BOOST_REQUIRE(own);
  reload({pipeline("a")});
  reload({pipeline("b")});
  BOOST_TEST(!own->is_done());
  const auto report = reload({pipeline("own")});
  BOOST_TEST(report.failed.size() == 1u);
  BOOST_TEST(!own->is_done());
}

BOOST_AUTO_TEST_CASE(a_node_that_has_stopped_starts_nothing) {
  reload({pipeline("a")});
  host.stop();
  const auto report = reload({pipeline("a"), pipeline("b")});
  BOOST_TEST(report.started.empty());
  BOOST_TEST(report.failed.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_file_is_read_with_all_that_is_wrong_here) {
  std::ofstream{where / "bad.json"} << R"({"pipelines":[{"name":"p",
    "watch":{"paths":[")" + (where / "no")
                                         + R"("]},
    "emit":[{"to":"file","path":")" + (where / "gone/f")
                                         + R"("},
      {"to":"command","argv":["no-such-program-anywhere"]},
      {"to":"command","name":"x","argv":[")"
                                         + (where / "bad.json") + R"("],
       "working_directory":"/no"}]}]})";
  const auto config = load_config(where / "bad.json");
  BOOST_REQUIRE(!config);
  BOOST_TEST((config.error().code == errc::not_found));
  const auto& text = config.error().text;
  for (const auto* part : {"bad.json:2: pipelines[0].watch.paths[0]: cannot watch",
         "bad.json:4: pipelines[0].emit[1].argv[0]: there is no such program in PATH",
         "bad.json:5: pipelines[0].emit[2].argv[0]: it may not be executed",
         "bad.json:6: pipelines[0].emit[2].working_directory: the directory does not exist"})
    BOOST_TEST(text.find(part) != std::string::npos, part << " is not in\n" << text);
  BOOST_TEST((load_config(where / "none").error().code == errc::not_found));
  BOOST_TEST((load_config(where / "").error().code == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(what_a_sink_would_refuse_at_its_start_is_a_mistake_in_the_file) {
  const auto file = where / "bad.json";
  std::filesystem::create_directory(where / "r");
  const auto text_of = [&](const std::string& emit) {
    std::ofstream{file} << R"({"pipelines":[{"name":"p","watch":{"paths":[")" + (where / "r")
                             + R"("]},"emit":[)" + emit + "]}]}";
    const auto config = load_config(file);
    return config ? "" : config.error().text;
  };
  BOOST_TEST(text_of(R"({"to":"http","url":"http://127.0.0.1:1/x"})") == "");
  for (const auto& [emit, part] :
    {
      std::pair{R"({"to":"http","url":"http://user:word@host/x"})", "pipelines[0].emit[0]: "},
      std::pair{R"({"to":"http","url":"http://host/x#y"})", "a fragment"},
      std::pair{
        R"({"to":"socket","listen":"127.0.0.1:0","buffer_bytes_max":65535})", "buffer_bytes_max"},
      std::pair{R"({"to":"node","address":"127.0.0.1:99999","insecure_loopback":true})", "address"},
      std::pair{R"({"to":"node","address":"127.0.0.1:0","insecure_loopback":true})", "address"},
    })
    BOOST_TEST(text_of(emit).find(part) != std::string::npos, emit << ": " << text_of(emit));
}

BOOST_AUTO_TEST_SUITE_END()
