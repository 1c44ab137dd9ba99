// Nodes that link to a collector, all in this process, over real sockets.
#include "actors/actors.hpp"
#include "actors/testkit/batches.hpp"
#include "support/counting_source.hpp"
#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace links_tests {

/// What a sink behind a collector was given: the numbers of each node, in order.
class ledger {
public:
  void write(const event_batch& batch) {
    const auto held = std::scoped_lock{mutex_};
    BOOST_REQUIRE(batch.origin() != nullptr);
    auto& seqs = seqs_[batch.origin()->node];
    for (std::size_t i = 0; i < batch.size(); ++i)
      seqs.push_back(batch.first_seq() + i);
  }
  std::size_t count(const std::string& of) {
    const auto held = std::scoped_lock{mutex_};
    return seqs_[of].size();
  }
  /// 1 to `upto`, each once.
  bool has_all(const std::string& of, std::uint64_t upto) {
    const auto held = std::scoped_lock{mutex_};
    auto want = std::uint64_t{0};
    const auto& seqs = seqs_[of];
    return seqs.size() == upto
           && std::all_of(seqs.begin(), seqs.end(), [&](auto seq) { return seq == ++want; });
  }

private:
  std::mutex mutex_;
  std::map<std::string, std::vector<std::uint64_t>> seqs_;
};

node_options named(const std::string& name) {
  auto options = quiet();
  options.name = name;
  return options;
}

struct fixture {
  temporary_directory place;
  ledger told;
  std::string address = "unix:" + place.path() + "/collector.sock";

  collect_options collecting() const {
    auto options = collect_options{};
    options.listen = address;
    options.store = place.path() + "/events.db";
    options.wire = wire_policy::insecure_loopback;
    options.heartbeat = 100ms;
    options.deadline = 1s;
    return options;
  }
  link_options linking() const {
    auto options = link_options{};
    options.addresses = {address};
    options.wire = wire_policy::insecure_loopback;
    options.heartbeat = 100ms;
    options.deadline = 1s;
    options.retry_base = 10ms;
    options.retry_max = 100ms;
    return options;
  }
  result<pipeline> collect(node& host) {
    auto builder = host.pipeline("collector");
    builder.collect(collecting()).emit("told", [this](const event_batch& x) { told.write(x); });
    return builder.start();
  }
};

/// A node that sends what it is allowed to.
struct sender {
  std::atomic<std::uint64_t> next{1};
  std::atomic<std::uint64_t> allowed{0};
  node host;
  std::optional<pipeline> running;

  sender(const std::string& name, const link_options& to) : host{named(name)} {
    auto started =
      host.pipeline("p")
        .source("numbers", [this] { return std::make_unique<counting_source>(next, allowed); })
        .emit(emitter_options{.name = "up", .to = to})
        .start();
    BOOST_REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text));
    running = *started;
  }
};

} // namespace links_tests

BOOST_FIXTURE_TEST_SUITE(links_tests, fixture)

BOOST_AUTO_TEST_CASE(every_record_of_two_nodes_comes_once_and_in_order) {
  auto center = node{named("center")};
  const auto collector = collect(center);
  BOOST_REQUIRE_MESSAGE(collector.has_value(), (collector ? "" : collector.error().text));
  auto one = sender{"one", linking()};
  auto two = sender{"two", linking()};
  one.allowed = 2000;
  two.allowed = 1000;
  BOOST_TEST(eventually([&] { return told.count("one") >= 2000 && told.count("two") >= 1000; }));
  BOOST_TEST(told.has_all("one", 2000));
  BOOST_TEST(told.has_all("two", 1000));
  const auto health = one.host.health();
  BOOST_REQUIRE(health.links.size() == 1u);
  BOOST_TEST((health.links[0].state == link_state::up));
  BOOST_TEST(center.health().peers.size() == 2u);
  BOOST_TEST(one.host.stop(20s).undelivered == 0u);
  BOOST_TEST(center.stop(20s).clean);
}

BOOST_AUTO_TEST_CASE(a_sender_waits_for_a_collector_that_comes_later) {
  auto one = sender{"one", linking()};
  one.allowed = 100;
  BOOST_TEST(eventually([&] { return row_of(one.host, "p/up").state == child_state::degraded; }));
  auto center = node{named("center")};
  BOOST_REQUIRE(collect(center).has_value());
  BOOST_TEST(eventually([&] { return told.has_all("one", 100); }));
  BOOST_TEST(eventually([&] { return row_of(one.host, "p/up").state == child_state::ready; }));
}

BOOST_AUTO_TEST_CASE(a_collector_that_restarts_misses_nothing_and_tells_nothing_twice) {
  auto one = sender{"one", linking()};
  for (auto round = std::uint64_t{1}; round <= 4; ++round) {
    auto center = node{named("center")};
    BOOST_REQUIRE(collect(center).has_value());
    one.allowed = round * 500;
    BOOST_TEST(eventually([&] { return told.count("one") >= round * 500 - 200; }));
    center.stop(20s); // in the middle
  }
  auto center = node{named("center")};
  BOOST_REQUIRE(collect(center).has_value());
  BOOST_TEST(eventually([&] { return told.count("one") >= 2000; }));
  BOOST_TEST(told.has_all("one", 2000));
}

BOOST_AUTO_TEST_CASE(a_host_pushes_into_a_link) {
  auto center = node{named("center")};
  BOOST_REQUIRE(collect(center).has_value());
  auto host = node{named("host")};
  auto uplink = host.link("uplink", linking());
  BOOST_REQUIRE_MESSAGE(uplink.has_value(), (uplink ? "" : uplink.error().text));
  for (auto i = 0; i < 10; ++i)
    BOOST_TEST(uplink->push("feed", batch_of({"/a", "/b"})).has_value());
  BOOST_TEST(eventually([&] { return told.has_all("host", 20); }));
}

BOOST_AUTO_TEST_SUITE_END()
