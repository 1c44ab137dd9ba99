// Asking and ordering nodes through the collector that they link to, all in this process, over real
// sockets.
#include "actors/actors.hpp"
#include "actors/admin/admin_client.hpp"
#include "actors/codec/health_json.hpp"
#include "support/counting_source.hpp"
#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace remote_tests {

struct fixture {
  temporary_directory place;
  std::atomic<std::uint64_t> stored{0};

  collect_options collecting(const std::string& of) const {
    auto options = collect_options{};
    options.listen = "unix:" + place.path() + "/" + of + ".sock";
    options.store = place.path() + "/" + of + ".db";
    options.wire = wire_policy::insecure_loopback;
    options.heartbeat = 100ms;
    options.deadline = 10s;
    return options;
  }
  link_options linking(const std::string& to) const {
    auto options = link_options{};
    options.addresses = {collecting(to).listen};
    options.wire = wire_policy::insecure_loopback;
    options.heartbeat = 100ms;
    options.deadline = 10s;
    options.retry_base = 10ms;
    options.retry_max = 100ms;
    return options;
  }
  std::unique_ptr<node> make(const std::string& name, node_options with = quiet()) const {
    with.name = name;
    with.admin = door_of(name);
    return std::make_unique<node>(std::move(with));
  }
  std::string door_of(const std::string& node) const { return place.path() + "/" + node + ".door"; }

  void collect(node& at, const std::string& name, std::vector<emitter_options> emit = {}) {
    auto builder = at.pipeline("collector");
    builder.collect(collecting(name)).emit("told", [this](const event_batch& x) {
      stored += x.size();
    });
    for (auto& each : emit)
      builder.emit(std::move(each));
    const auto started = builder.start();
    BOOST_REQUIRE_MESSAGE(started, (started ? "" : started.error().text));
  }

  /// Asks the node that `node` names, through the door of another.
  admin_client client(const std::string& door, const std::string& node) const {
    return std::move(*admin_client::to({door_of(door), "", "", node}));
  }
  admin_client::reply get(
    const std::string& door, const std::string& node, const std::string& what) const {
    auto got = client(door, node).get(what, 20s);
    BOOST_REQUIRE_MESSAGE(got, (got ? "" : got.error().text));
    return *got;
  }
  admin_client::reply post(
    const std::string& door, const std::string& node, const std::string& what) const {
    auto got = client(door, node).post(what, 40s);
    BOOST_REQUIRE_MESSAGE(got, (got ? "" : got.error().text));
    return *got;
  }
  bool is_up(const std::string& door, const std::string& name) const {
    const auto answer = nlohmann::json::parse(get(door, "", "/nodes").body);
    for (const auto& x : answer["nodes"])
      if (x["node"] == name)
        return x["state"] == "up";
    return false;
  }
};

/// A node that links to a collector, and sends what it is allowed to.
struct sender {
  std::atomic<std::uint64_t> next{1};
  std::atomic<std::uint64_t> allowed{0};
  std::unique_ptr<node> host;

  sender(std::unique_ptr<node> at, const link_options& to) : host{std::move(at)} {
    const auto started =
      host->pipeline("p")
        .source("numbers", [this] { return std::make_unique<counting_source>(next, allowed); })
        .emit(emitter_options{.name = "up", .to = to})
        .start();
    BOOST_REQUIRE_MESSAGE(started, (started ? "" : started.error().text));
  }
};

bool is_in(std::string_view what, const std::string& text) {
  return text.find(what) != std::string::npos;
}

} // namespace remote_tests

BOOST_FIXTURE_TEST_SUITE(remote_tests, fixture)

BOOST_AUTO_TEST_CASE(the_health_of_a_node_is_asked_by_its_name_at_its_collector) {
  const auto center = make("center");
  collect(*center, "center");
  BOOST_TEST(get("center", "", "/nodes").body == "{\"nodes\":[]}");
  auto leaf = sender{make("leaf"), linking("center")};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  const auto answer = get("center", "leaf", "/health");
  BOOST_TEST(answer.status == 200);
  const auto health = health_from_json(answer.body);
  BOOST_REQUIRE(health.has_value());
  BOOST_TEST(health->node == "leaf");
  BOOST_REQUIRE(health->links.size() == 1u);
  BOOST_TEST(health->links[0].child == "p/up");
  BOOST_TEST((health->links[0].state == link_state::up));
  BOOST_TEST(is_in("center", health->links[0].peer));
  BOOST_TEST(get("center", "leaf", "/healthz").body == "live\n");
  BOOST_TEST(get("center", "leaf", "/events?after=0").status == 200);
  BOOST_TEST(get("center", "leaf", "/nope").status == 404);
  BOOST_TEST(is_in("actors_link_up{child=\"p/up\"} 1", get("center", "leaf", "/metrics").body));
  BOOST_TEST(
    is_in("actors_peer_up{node=\"leaf\",link=\"p/up\"} 1", get("center", "", "/metrics").body));
}

BOOST_AUTO_TEST_CASE(streams_and_pages_are_not_carried) {
  const auto center = make("center");
  collect(*center, "center");
  auto leaf = sender{make("leaf"), linking("center")};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  for (const auto* path : {"/stream", "/tap", "/"})
    BOOST_TEST(get("center", "leaf", path).status == 501, path);
  for (auto i = 0; i < 10; ++i) // none of them is left open there
    BOOST_TEST(get("center", "leaf", "/stream").status == 501);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_asked_is_refused_here_and_the_link_stays) {
  const auto center = make("center");
  collect(*center, "center");
  auto leaf = sender{make("leaf"), linking("center")};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  auto many = std::string{"/health?"};
  for (auto i = 0; i < 40; ++i)
    many += "k" + std::to_string(i) + "=v&";
  for (const auto& path : {"/x%0Ay", "/x%00y", "/%FF", "/health?a%0A=1"})
    BOOST_TEST(get("center", "leaf", path).status == 400, path);
  BOOST_TEST(get("center", "leaf", "/" + std::string(5000, 'x')).status == 400);
  BOOST_TEST(get("center", "leaf", many).status == 400);
  BOOST_TEST(get("center", "", "/nodes/leaf").status == 404);
  BOOST_TEST(get("center", "", "/nodes//health").status == 404);
  auto ring = std::string{};
  for (auto i = 0; i < 20; ++i)
    ring += "/nodes/leaf";
  BOOST_TEST(get("center", "", ring + "/health").status == 400);
  BOOST_TEST(get("center", "leaf", "/events?after=x").status == 400);
  BOOST_REQUIRE(leaf.host->health().links.size() == 1u);
  BOOST_TEST(leaf.host->health().links[0].connects == 1u);
}

BOOST_AUTO_TEST_CASE(a_name_is_percent_decoded) {
  const auto center = make("center");
  collect(*center, "center");
  auto leaf = sender{make("b\xC3\xBC"
                          "ro 7"),
    linking("center")};
  BOOST_REQUIRE(eventually([&] {
    return is_up("center", "b\xC3\xBC"
                           "ro 7");
  }));
  BOOST_TEST(get("center", "", "/nodes/b%C3%BCro%207/healthz").body == "live\n");
  BOOST_TEST(get("center",
               "b\xC3\xBC"
               "ro 7",
               "/healthz")
               .body
             == "live\n");
}

BOOST_AUTO_TEST_CASE(who_may_not_observe_is_told_so) {
  const auto center = make("center");
  collect(*center, "center");
  auto options = linking("center");
  options.observe = {"somebody-else"};
  options.control = {"loopback"};
  auto leaf = sender{make("leaf"), options};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  const auto answer = get("center", "leaf", "/health");
  BOOST_TEST(answer.status == 403);
  BOOST_TEST(is_in("node leaf does not let loopback observe it", answer.body));
  BOOST_TEST(post("center", "leaf", "/children/p/nope/reset").status == 404); // but order it
}

BOOST_AUTO_TEST_CASE(who_may_observe_may_not_therefore_order) {
  auto stops = std::atomic<int>{0};
  auto with = quiet();
  with.on_stop = [&] { ++stops; };
  const auto center = make("center");
  collect(*center, "center");
  auto leaf = sender{make("leaf", std::move(with)), linking("center")};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  for (const auto* order :
    {"/stop", "/reload", "/children/p/up/reset", "/pipelines/p/watch?path=/tmp"})
    BOOST_TEST(post("center", "leaf", order).status == 403, order);
  BOOST_TEST(stops == 0);
  BOOST_TEST(get("center", "leaf", "/healthz").status == 200);
}

BOOST_AUTO_TEST_CASE(who_may_order_by_name_is_obeyed) {
  auto stops = std::atomic<int>{0};
  auto with = quiet();
  with.on_stop = [&] { ++stops; };
  with.on_reload = []() -> result<std::string> { return "nothing has changed"; };
  const auto center = make("center");
  collect(*center, "center");
  auto options = linking("center");
  options.control = {"other", "loopback"};
  auto leaf = sender{make("leaf", std::move(with)), options};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  BOOST_TEST(post("center", "leaf", "/reload").body == "nothing has changed\n");
  BOOST_TEST(post("center", "leaf", "/children/p/numbers/reset").status == 409); // it runs
  BOOST_TEST(post("center", "leaf", "/stop").status == 202);
  BOOST_TEST(stops == 1);
}

BOOST_AUTO_TEST_CASE(a_node_that_is_unknown_or_gone_is_told_at_once) {
  const auto center = make("center");
  BOOST_TEST(get("center", "leaf", "/health").status == 404);
  BOOST_TEST(is_in("collects nothing", get("center", "leaf", "/health").body));
  collect(*center, "center");
  BOOST_TEST(get("center", "leaf", "/health").status == 404);
  {
    auto leaf = sender{make("leaf"), linking("center")};
    BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  }
  BOOST_REQUIRE(eventually([&] { return !is_up("center", "leaf"); }));
  const auto began = std::chrono::steady_clock::now();
  const auto answer = get("center", "leaf", "/health");
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(is_in("node leaf is unreachable for 0 s: ", answer.body));
  BOOST_TEST(is_in("\"state\":\"gone\"", get("center", "", "/nodes").body));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 4s));
}

BOOST_AUTO_TEST_CASE(a_node_that_is_stuck_is_given_up_and_its_records_go_on) {
  auto stuck = gate{};
  auto with = quiet();
  with.on_reload = [&]() -> result<std::string> {
    stuck.pass();
    return "done";
  };
  const auto center = make("center");
  collect(*center, "center");
  auto options = linking("center");
  options.control = {"loopback"};
  auto leaf = sender{make("leaf", std::move(with)), options};
  auto other = sender{make("other"), linking("center")};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf") && is_up("center", "other"); }));
  auto orders = std::vector<std::thread>{};
  auto done = std::atomic<int>{0};
  for (auto i = 0; i < 4; ++i) // as many as answer there
    orders.emplace_back(
      [&] { done += client("center", "leaf").post("/reload", 40s)->status == 200 ? 1 : 0; });
  BOOST_TEST(stuck.wait_for(4));
  const auto began = std::chrono::steady_clock::now();
  auto late = std::thread{[&] { // meanwhile the others are asked, and all records come
    const auto answer = client("center", "leaf").get("/health", 20s);
    BOOST_TEST((answer && answer->status == 504));
    BOOST_TEST((answer && is_in("node leaf did not answer within", answer->body)));
  }};
  leaf.allowed = 1000;
  BOOST_TEST(get("center", "other", "/healthz").status == 200);
  BOOST_TEST(eventually([&] { return stored == 1000; }));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 4s));
  late.join();
  stuck.open();
  for (auto& each : orders)
    each.join();
  BOOST_TEST(done == 4);
  BOOST_TEST(get("center", "leaf", "/healthz").status == 200);
}

BOOST_AUTO_TEST_CASE(a_question_to_a_node_that_is_lost_ends_with_it) {
  auto stuck = gate{};
  auto with = quiet();
  with.on_reload = [&]() -> result<std::string> {
    stuck.pass();
    return "done";
  };
  auto center = make("center");
  collect(*center, "center");
  auto options = linking("center");
  options.control = {"loopback"};
  auto leaf = sender{make("leaf", std::move(with)), options};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  auto asking = std::thread{[&] {
    const auto answer = client("center", "leaf").post("/reload", 40s);
    BOOST_TEST((answer && answer->status == 503));
    BOOST_TEST((answer && is_in("node leaf was lost before it answered", answer->body)),
      (answer ? answer->body : answer.error().text));
  }};
  BOOST_TEST(stuck.wait_for(1));
  const auto began = std::chrono::steady_clock::now();
  center->stop(20s); // the collector ends: so does the link
  asking.join();
  BOOST_TEST((std::chrono::steady_clock::now() - began < 15s));
  stuck.open();
}

BOOST_AUTO_TEST_CASE(a_node_behind_another_collector_is_asked_through_both) {
  const auto top = make("top");
  collect(*top, "top");
  const auto mid = make("mid");
  collect(*mid, "mid", {emitter_options{.name = "up", .to = linking("top")}});
  auto leaf = sender{make("leaf"), linking("mid")};
  BOOST_REQUIRE(eventually([&] { return is_up("top", "mid") && is_up("mid", "leaf"); }));
  const auto health = health_from_json(get("top", "mid/leaf", "/health").body);
  BOOST_REQUIRE(health.has_value());
  BOOST_TEST(health->node == "leaf");
  BOOST_TEST(is_in("\"node\":\"leaf\"", get("top", "mid", "/nodes").body));
  BOOST_TEST(get("top", "mid/nobody", "/health").status == 404);
  BOOST_TEST(post("top", "mid/leaf", "/stop").status == 403);
  BOOST_TEST(is_in("node mid does not let", post("top", "mid/leaf", "/stop").body));
  leaf.allowed = 100;
  BOOST_TEST(eventually([&] { return stored == 200; })); // at both
}

BOOST_AUTO_TEST_CASE(a_node_that_is_stuck_behind_another_is_named) {
  auto stuck = gate{};
  auto with = quiet();
  with.on_reload = [&]() -> result<std::string> {
    stuck.pass();
    return "done";
  };
  const auto top = make("top");
  collect(*top, "top");
  const auto mid = make("mid");
  collect(*mid, "mid", {emitter_options{.name = "up", .to = linking("top")}});
  auto options = linking("mid");
  options.control = {"loopback"};
  auto leaf = sender{make("leaf", std::move(with)), options};
  BOOST_REQUIRE(eventually([&] { return is_up("top", "mid") && is_up("mid", "leaf"); }));
  auto orders = std::vector<std::thread>{};
  for (auto i = 0; i < 4; ++i)
    orders.emplace_back([&] { (void)client("mid", "leaf").post("/reload", 40s); });
  BOOST_TEST(stuck.wait_for(4));
  const auto answer = get("top", "mid/leaf", "/health");
  BOOST_TEST(answer.status == 504);
  BOOST_TEST(is_in("node leaf did not answer", answer.body), answer.body);
  BOOST_TEST(get("top", "mid", "/healthz").status == 200);
  stuck.open();
  for (auto& each : orders)
    each.join();
}

BOOST_AUTO_TEST_CASE(many_ask_at_a_time_while_records_go) {
  const auto center = make("center");
  collect(*center, "center");
  auto one = sender{make("one"), linking("center")};
  auto two = sender{make("two"), linking("center")};
  BOOST_REQUIRE(eventually([&] { return is_up("center", "one") && is_up("center", "two"); }));
  one.allowed = 5000;
  two.allowed = 5000;
  auto right = std::atomic<int>{0};
  auto asking = std::vector<std::thread>{};
  for (auto i = 0; i < 8; ++i)
    asking.emplace_back([&, whom = std::string{i % 2 == 0 ? "one" : "two"}] {
      for (auto n = 0; n < 10; ++n) {
        const auto answer = client("center", whom).get("/health", 20s);
        right += answer && is_in("{\"node\":\"" + whom + "\"", answer->body) ? 1 : 0;
      }
    });
  for (auto& each : asking)
    each.join();
  BOOST_TEST(right == 80);
  BOOST_TEST(eventually([&] { return stored == 10'000; }));
}

BOOST_AUTO_TEST_CASE(a_root_is_added_and_removed_at_a_node_elsewhere) {
  const auto center = make("center");
  collect(*center, "center");
  const auto leaf = make("leaf");
  auto config = node_config{};
  auto& pipeline = config.pipelines.emplace_back();
  pipeline.name = "src";
  pipeline.paths = {place / "a"};
  std::filesystem::create_directory(place / "a");
  std::filesystem::create_directory(place / "b");
  pipeline.watch.backend = watch_backend::inotify;
  auto to = linking("center");
  to.control = {"loopback"};
  pipeline.emit = {emitter_options{.name = "up", .to = to}};
  BOOST_REQUIRE(leaf->reload(config).failed.empty());
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  const auto order = [&](const std::string& what, const std::string& path) {
    return post("center", "leaf", "/pipelines/src/" + what + "?path=" + url_encoded(path));
  };
  // The pipeline that carries the question starts anew: the answer is there before.
  const auto added = order("watch", place / "b");
  BOOST_TEST(added.status == 202, added.body);
  BOOST_TEST(is_in("it counts until the configuration is read again", added.body));
  BOOST_TEST(
    eventually([&] { return row_of(*leaf, "src/watcher-2").state == child_state::ready; }));
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  BOOST_TEST(leaf->health().links.size() == 1u);         // though the old one may not be gone yet
  BOOST_TEST(order("watch", place / "b").status == 409); // it is watched
  BOOST_TEST(order("watch", place / "nowhere").status == 409);
  BOOST_TEST(order("unwatch", place / "a").status == 202);
  BOOST_TEST(eventually([&] { return row_of(*leaf, "src/watcher-2").id.empty(); }));
  BOOST_REQUIRE(eventually([&] { return is_up("center", "leaf"); }));
  BOOST_TEST(eventually( // the link of before may be seen as up, and break
    [&] { return is_in("is the last path", order("unwatch", place / "b").body); }));
}

BOOST_AUTO_TEST_SUITE_END()
