#include "actors/actors.hpp"
#include "actors/admin/admin_client.hpp"
#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace door_routes_test {

struct fixture {
  temporary_directory folder;
  std::atomic<bool> crashes{false};
  std::atomic<int> delivered{0};
  std::atomic<int> stops{0};
  std::string reloaded = "nothing changed";
  std::unique_ptr<node> host;

  void begin(node_options with = {}) {
    with.log = [](const log_line&) {};
    with.admin = folder.path() + "/admin.sock";
    host = std::make_unique<node>(std::move(with));
  }

  /// A pipeline whose sink fails for good at its first crash, and takes nobody with it.
  pipeline brittle() {
    auto options = supervise_options{};
    options.restart.backoff.attempts_max = 0;
    options.group.on_failure = escalation::isolate;
    auto builder = host->pipeline("p");
    builder.source("source", silent_source::factory());
    builder.stage("pass", [] { return std::make_unique<passing>(); });
    builder.sink("out", [this] { return std::make_unique<counting>(*this); });
    auto started = builder.supervise(options).start();
    BOOST_REQUIRE_MESSAGE(started, (started ? "" : started.error().text));
    return *started;
  }

  admin_client client() const {
    return std::move(*admin_client::to({folder.path() + "/admin.sock", "", "", ""}));
  }
  admin_client::reply get(const std::string& what) const {
    auto got = client().get(what, 5s);
    BOOST_REQUIRE_MESSAGE(got, (got ? "" : got.error().text));
    return *got;
  }
  admin_client::reply post(const std::string& what) const {
    auto got = client().post(what, 5s);
    BOOST_REQUIRE_MESSAGE(got, (got ? "" : got.error().text));
    return *got;
  }

private:
  struct passing final : stage {
    void on_batch(const event_batch& batch, context& ctx) override { (void)ctx.emit(batch); }
  };
  struct counting final : sink {
    explicit counting(fixture& of) : of_{of} {}
    void offer(const event_batch& batch, sink_context& ctx) override {
      if (of_.crashes)
        ctx.fail("told to");
      of_.delivered += static_cast<int>(batch.size());
    }
    fixture& of_;
  };
};

event_batch one(std::string_view path) {
  auto builder = batch_builder{};
  builder.add({.type = event_type::create,
    .path = path,
    .time =
      std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now())});
  return builder.finish();
}

bool is_in(std::string_view what, const std::string& text) {
  return text.find(what) != std::string::npos;
}

} // namespace door_routes_test

BOOST_FIXTURE_TEST_SUITE(door_routes_test, fixture)

BOOST_AUTO_TEST_CASE(unknown_paths_and_methods_are_told_what_there_is) {
  begin();
  BOOST_TEST(get("/nope").status == 404);
  BOOST_TEST(is_in("/metrics", get("/nope").body));
  BOOST_TEST(post("/health").status == 404);
  BOOST_TEST(post("/children//reset").status == 404);
  BOOST_TEST(get("/events?after=x").status == 400);
  BOOST_TEST(get("/tap?edges=%5B").status == 400);
}

BOOST_AUTO_TEST_CASE(a_failed_child_comes_back_by_a_reset) {
  begin();
  auto running = brittle();
  crashes = true;
  BOOST_REQUIRE(running.push("pass", one("/a")));
  BOOST_TEST(eventually([&] { return is_in("\"state\":\"failed\"", get("/health").body); }));
  BOOST_TEST(is_in("actors_child_up{child=\"p/out\"} 0", get("/metrics").body));
  crashes = false;
  const auto answer = post("/children/p/out/reset");
  BOOST_TEST(answer.status == 200, answer.body);
  BOOST_TEST(
    eventually([&] { return is_in("actors_child_up{child=\"p/out\"} 1", get("/metrics").body); }));
  BOOST_TEST(post("/children/p/out/reset").status == 409); // it runs
  BOOST_TEST(post("/children/p/nope/reset").status == 404);
  BOOST_TEST(post("/children/nope/out/reset").status == 404);
}

BOOST_AUTO_TEST_CASE(what_passes_is_counted_by_edge_and_type_and_timed) {
  begin();
  auto running = brittle();
  for (int i = 0; i < 5; ++i)
    BOOST_REQUIRE(running.push("pass", one("/a")));
  BOOST_TEST(eventually([&] { return delivered == 5; }));
  BOOST_TEST(eventually([&] {
    return is_in("actors_event_latency_seconds_count{child=\"p/out\"} 5", get("/metrics").body);
  }));
  BOOST_TEST(is_in("actors_events_total{child=\"p/out\",type=\"create\"} 5", get("/metrics").body));
  BOOST_TEST(
    is_in("actors_events_total{child=\"p/pass\",type=\"create\"} 5", get("/metrics").body));
}

BOOST_AUTO_TEST_CASE(orders_are_the_programs_and_501_without_it) {
  begin();
  BOOST_TEST(post("/stop").status == 501);
  BOOST_TEST(post("/reload").status == 501);
  host.reset();
  auto with = node_options{};
  with.on_stop = [this] { ++stops; };
  with.on_reload = [this]() -> result<std::string> {
    if (reloaded.empty())
      return failure(errc::invalid_argument, "pipelines[0].name: missing");
    return reloaded;
  };
  begin(std::move(with));
  BOOST_TEST(post("/stop").status == 202);
  BOOST_TEST(stops == 1);
  BOOST_TEST(post("/reload").body == "nothing changed\n");
  reloaded.clear();
  BOOST_TEST(post("/reload").status == 422);
}

BOOST_AUTO_TEST_CASE(a_root_is_added_and_removed_through_the_door) {
  begin();
  auto config = node_config{};
  auto& pipeline = config.pipelines.emplace_back();
  pipeline.name = "src";
  pipeline.paths = {folder / "a"};
  pipeline.watch.backend = watch_backend::inotify;
  pipeline.emit = {{"out", stdout_sink_options{}, {}, {}}};
  std::filesystem::create_directory(folder / "a");
  std::filesystem::create_directory(folder / "b c");
  BOOST_REQUIRE(host->reload(config).failed.empty());
  const auto there = "?path=" + url_encoded(folder / "b c");
  const auto answer = post("/pipelines/src/watch" + there);
  BOOST_TEST(answer.status == 200, answer.body);
  BOOST_TEST(answer.body
             == "pipeline src: restarted: watch changed\n"
                "it counts until the configuration is read again: change it there to keep it\n");
  BOOST_TEST(eventually([&] { return is_in("src/watcher-2", get("/health").body); }));
  BOOST_TEST(post("/pipelines/src/watch" + there).status == 409);
  BOOST_TEST(post("/pipelines/src/unwatch" + there).status == 200);
  BOOST_TEST(post("/pipelines/src/unwatch" + there).status == 409);
  BOOST_TEST(post("/pipelines/nope/watch" + there).status == 404);
  BOOST_TEST(post("/pipelines/src/watch?path=b").status == 409);
  BOOST_TEST(post("/pipelines/src/watch").status == 400);
  BOOST_TEST(post("/pipelines//watch" + there).status == 404);
  BOOST_TEST(get("/pipelines/src/watch" + there).status == 404);
  brittle();
  BOOST_TEST(post("/pipelines/p/watch" + there).status == 409); // of no configuration
}

BOOST_AUTO_TEST_CASE(a_program_that_follows_its_pipelines_changes_roots_itself) {
  auto with = node_options{};
  auto seen = std::vector<std::string>{};
  with.on_root_change = [&](const root_change& what) {
    seen.push_back(what.pipeline + " " + what.path);
    auto report = host->change_root(what);
    report.done.push_back("by the program");
    return report;
  };
  begin(std::move(with));
  BOOST_TEST(post("/pipelines/src/watch?path=/tmp").status == 404); // it is not asked for that
  BOOST_TEST(seen.empty());
  auto config = node_config{};
  auto& pipeline = config.pipelines.emplace_back();
  pipeline.name = "src";
  pipeline.paths = {folder / "a"};
  pipeline.watch.backend = watch_backend::inotify;
  pipeline.emit = {{"out", stdout_sink_options{}, {}, {}}};
  std::filesystem::create_directory(folder / "a");
  std::filesystem::create_directory(folder / "b");
  BOOST_REQUIRE(host->reload(config).failed.empty());
  const auto answer = post("/pipelines/src/watch?path=" + url_encoded(folder / "b"));
  BOOST_TEST(is_in("by the program", answer.body));
  BOOST_TEST(seen.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_node_that_collects_nothing_knows_no_other) {
  begin();
  BOOST_TEST(get("/nodes").body == "{\"nodes\":[]}");
  BOOST_TEST(get("/nodes/leaf/health").status == 404);
  BOOST_TEST(post("/nodes/leaf/stop").status == 404);
}

BOOST_AUTO_TEST_CASE(there_are_so_many_streams_and_no_more) {
  begin();
  auto open = std::vector<std::thread>{};
  auto is_over = std::atomic<bool>{false};
  auto begun = std::atomic<int>{0};
  for (int i = 0; i < 8; ++i)
    open.emplace_back([&] {
      auto first = true;
      (void)client().follow("/stream", [&](std::string_view) {
        begun += std::exchange(first, false) ? 1 : 0;
        return !is_over;
      });
    });
  BOOST_TEST(eventually([&] { return begun == 8; }));
  BOOST_TEST(get("/stream").status == 503);
  is_over = true;
  for (auto& x : open)
    x.join();
  BOOST_TEST(eventually([&] { return is_in("actors_streams 0", get("/metrics").body); }));
}

BOOST_AUTO_TEST_CASE(a_tap_tells_records_with_their_edge) {
  begin();
  auto running = brittle();
  auto lines = std::string{};
  auto is_over = std::atomic<bool>{false};
  auto reader = std::thread{[&] {
    (void)client().follow("/tap?edges=p/out&max=2", [&](std::string_view more) {
      lines += more;
      return true;
    });
    is_over = true;
  }};
  BOOST_TEST(eventually([&] { return !running.push("pass", one("/a")) || is_over; }));
  reader.join();
  BOOST_TEST(std::count(lines.begin(), lines.end(), '\n') == 2);
  BOOST_TEST(is_in("\"type\":\"create\",\"path\":\"/a\"", lines));
  BOOST_TEST(is_in(",\"edge\":\"p/out\"}\n", lines));
}

BOOST_AUTO_TEST_CASE(a_door_that_cannot_open_is_logged_and_missing) {
  auto lines = std::vector<std::string>{};
  auto with = node_options{};
  with.log = [&](const log_line& x) { lines.push_back(x.event); };
  with.http.listen = "0.0.0.0:0";
  const auto made = node{std::move(with)};
  BOOST_TEST(made.doors().empty());
  BOOST_TEST((lines == std::vector<std::string>{"http_door_closed"}));
}

BOOST_AUTO_TEST_SUITE_END()
