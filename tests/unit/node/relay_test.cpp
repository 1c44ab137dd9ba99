// A pipeline with a spooled emitter, and a receiver that is away, comes back, and forgets nothing.
#include "actors/actors.hpp"
#include "actors/os/poll.hpp"
#include "actors/testkit/batches.hpp"
#include "support/counting_source.hpp"
#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include <httplib.h>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace relay_tests {

/// Keeps each post once, by its key, while it is there.
class receiver {
public:
  receiver() {
    server_.Post("/", [this](const httplib::Request& request, httplib::Response& response) {
      const auto held = std::scoped_lock{mutex_};
      if (away) {
        response.status = 503;
        return;
      }
      if (request.get_header_value("Idempotency-Key").empty())
        has_seen_no_key = true;
      if (keys_.insert(request.get_header_value("Idempotency-Key")).second)
        lines_ += request.body;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~receiver() {
    server_.stop();
    thread_.join();
  }
  /// The paths, in the order of arrival.
  std::vector<std::string> paths() {
    const auto held = std::scoped_lock{mutex_};
    auto found = std::vector<std::string>{};
    for (auto at = lines_.find("\"path\":\""); at != lines_.npos;
         at = lines_.find("\"path\":\"", at + 1))
      found.push_back(lines_.substr(at + 8, lines_.find('"', at + 8) - at - 8));
    return found;
  }
  bool has_all(std::size_t count) {
    const auto found = paths();
    if (found.size() != count)
      return false;
    for (std::size_t i = 0; i < count; ++i)
      if (found[i] != "/" + std::to_string(i + 1))
        return false;
    return true;
  }
  int port() const { return port_; }

  std::atomic<bool> away{false};
  std::atomic<bool> has_seen_no_key{false};

private:
  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::set<std::string> keys_;
  std::string lines_;
  std::thread thread_;
};

struct fixture {
  temporary_directory where;
  receiver to;
  std::atomic<std::uint64_t> next{1};
  std::atomic<std::uint64_t> allowed{0};

  emitter_options emitter(std::uint64_t bytes_max = 1 << 30) {
    auto http = http_sink_options{.url = "http://127.0.0.1:" + std::to_string(to.port()) + "/"};
    http.retry_base = http.retry_max = 5ms;
    return {.name = "out", .to = http, .spool = spool_options{where / "spool", bytes_max}};
  }
  pipeline_builder build(node& host, const emitter_options& what, const std::string& faults = {}) {
    (void)faults;
    auto builder = host.pipeline("p");
    builder.source("source",
      factory<source>{[this] { return std::make_unique<counting_source>(next, allowed); }});
    auto hasty = supervise_options{};
    hasty.restart.backoff.base = 1ms;
    hasty.restart.backoff.cap = 1ms;
    hasty.group.drain_deadline = 2s;
    builder.supervise(hasty);
    builder.emit(what);
    return builder;
  }
  static void start(pipeline_builder& builder) {
    const auto started = builder.start();
    BOOST_REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text));
  }
  static child_health row(node& host, const std::string& child) {
    for (const auto& x : host.health().children)
      if (x.id == "p/" + child)
        return x;
    return {};
  }
};

const auto silent = [](const log_line&) {};

} // namespace relay_tests

BOOST_FIXTURE_TEST_SUITE(relay_tests, fixture)

BOOST_AUTO_TEST_CASE(what_is_emitted_arrives_once_in_order) {
  auto host = node{node_options{.log = silent}};
  auto builder = build(host, emitter());
  allowed = 300;
  start(builder);
  BOOST_TEST(eventually([&] { return to.has_all(300); }));
  BOOST_TEST(!to.has_seen_no_key);
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_is_away_holds_nothing_up_and_misses_nothing) {
  to.away = true;
  auto host = node{node_options{.log = silent}};
  auto builder = build(host, emitter());
  allowed = 500;
  start(builder);
  BOOST_TEST(eventually([&] { return next == 501; })); // all of it was taken
  BOOST_TEST(eventually([&] { return row(host, "out").state == child_state::degraded; }));
  BOOST_TEST(to.paths().empty());
  to.away = false;
  BOOST_TEST(eventually([&] { return to.has_all(500); }));
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(what_a_process_leaves_is_delivered_by_the_next_with_its_keys) {
  to.away = true;
  {
    auto host = node{node_options{.log = silent}};
    auto builder = build(host, emitter());
    allowed = 200;
    start(builder);
    BOOST_TEST(eventually([&] { return next == 201; }));
    const auto began = std::chrono::steady_clock::now();
    const auto report = host.stop();
    BOOST_TEST((std::chrono::steady_clock::now() - began < 10s));
    BOOST_TEST(report.undelivered == 0u); // it is kept
    BOOST_TEST(report.abandoned.empty());
  }
  to.away = false;
  auto host = node{node_options{.log = silent}};
  auto builder = build(host, emitter());
  allowed = 300; // its numbers begin at 1 again
  start(builder);
  BOOST_TEST(eventually([&] { return to.has_all(300); }));
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(a_spool_that_is_full_holds_the_edge_and_says_so) {
  to.away = true;
  auto host = node{node_options{.log = silent}};
  auto builder = build(host, emitter(4'000));
  builder.mailbox("out-spool", {.messages_max = 4});
  allowed = 500;
  start(builder);
  BOOST_TEST(eventually([&] { return row(host, "out-spool").state == child_state::degraded; }));
  BOOST_TEST(eventually([&] { return row(host, "source").held_by == "p/out-spool"; }));
  BOOST_TEST(next < 400u);
  to.away = false;
  BOOST_TEST(eventually([&] { return to.has_all(500); }));
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(crashes_of_every_part_lose_nothing_and_repeat_no_key) {
  auto host = node{node_options{.log = silent,
    .faults = "out:throw@3,out:throw@40,out-spool:throw@5,out-spool:throw@90,out-reader:throw@7"}};
  auto builder = build(host, emitter());
  allowed = 300;
  start(builder);
  BOOST_TEST(eventually([&] { return to.has_all(300); }));
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(mistakes_are_told) {
  auto host = node{node_options{.log = silent}};
  const auto mistake = [&](const emitter_options& what) {
    const auto started = build(host, what).start();
    return started ? std::string{} : started.error().text;
  };
  auto what = emitter();
  what.to = stdout_sink_options{};
  BOOST_TEST(mistake(what).find("it is for http, nats and node") != std::string::npos);
  what = emitter();
  std::get<http_sink_options>(what.to).url = "nonsense";
  BOOST_TEST(mistake(what).find("url:") != std::string::npos);
  BOOST_TEST(!std::filesystem::exists(where / "spool")); // nothing was touched
  auto twice = build(host, emitter());
  what = emitter();
  what.name = "other";
  twice.emit(what);
  const auto started = twice.start();
  BOOST_REQUIRE(!started.has_value());
  BOOST_TEST(started.error().text.find("another emitter's") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
