// Leaf, middle and top: a collector that forwards what it collects.
#include "support/link_ends.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace tiers_tests {

struct three_tiers {
  open_door top{wire_policy::tls, [](auto& x) { x.allow = {"mid"}; }};
  open_door mid{wire_policy::tls}; // its authority is its own
  number_ledger told_at_mid;
  std::optional<node> middle;
  collect_options collecting = quick_collecting("127.0.0.1:0", mid.place.path() + "/middle.db");
  std::string address;

  three_tiers() {
    collecting.wire = wire_policy::tls;
    collecting.tls = mid.ours.issue("collector");
    collecting.allow = {"web-1", "web-2"};
    start_middle();
  }

  void start_middle() {
    middle.emplace(named("mid"));
    auto builder = middle->pipeline("collector");
    builder.collect(collecting)
      .emit("told", [this](const event_batch& x) { told_at_mid.write(x); })
      .emit(emitter_options{.name = "up", .to = top.linking("mid")});
    const auto started = builder.start();
    BOOST_REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text));
    address = middle->health().collectors.front().address;
    collecting.listen = address;
  }

  link_options linking(const std::string& certificate) {
    auto to = mid.linking(certificate);
    to.addresses = {address};
    return to;
  }
};

} // namespace tiers_tests

BOOST_AUTO_TEST_SUITE(tiers_tests)

BOOST_AUTO_TEST_CASE(what_leaves_tell_is_at_both_tiers_once_though_the_middle_restarts) {
  auto tiers = three_tiers{};
  auto one = counting_sender{"leaf-1", tiers.linking("web-1")};
  auto two = counting_sender{"leaf-2", tiers.linking("web-2")};
  for (auto round = std::uint64_t{1}; round <= 4; ++round) {
    one.allowed = round * 250;
    two.allowed = round * 150;
    BOOST_TEST(eventually([&] { return tiers.top.told.count("leaf-1") >= round * 250 - 125; }));
    if (round == 4)
      break;
    tiers.middle.reset(); // in the middle of it
    tiers.start_middle();
  }
  BOOST_TEST(eventually([&] {
    return tiers.top.told.count("leaf-1") >= 1'000 && tiers.top.told.count("leaf-2") >= 600;
  }));
  BOOST_TEST(tiers.top.told.has_all("leaf-1", 1'000));
  BOOST_TEST(tiers.top.told.has_all("leaf-2", 600));
  BOOST_TEST(eventually([&] { return tiers.told_at_mid.count("leaf-1") >= 1'000; }));
  BOOST_TEST(tiers.told_at_mid.count("leaf-2") >= 600u);
  BOOST_TEST(tiers.top.health().records == 1'600u);
  BOOST_TEST(tiers.middle->health().collectors.front().records == 1'600u);
}

BOOST_AUTO_TEST_SUITE_END()
