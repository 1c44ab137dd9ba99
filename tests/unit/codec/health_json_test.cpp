#include "actors/codec/health_json.hpp"

#include "actors/codec/health_text.hpp"
#include "actors/codec/link_json.hpp"
#include "actors/codec/link_text.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <limits>
#include <random>

using namespace actors;
using namespace std::chrono_literals;

namespace health_json_tests {

health_snapshot sample() {
  auto health = health_snapshot{};
  health.node = "web-1";
  health.version = "0.1.0";
  health.ready = true;
  health.uptime = 12345ms;
  auto child = child_health{};
  child.id = "src/debouncer";
  child.state = child_state::backing_off;
  child.since = 300ms;
  child.incarnation = 3;
  child.attempt = 2;
  child.attempts_max = 5;
  child.next_try_in = 1700ms;
  child.last_error = "disk is \"full\"\n (in on_batch)";
  child.restarts_total = std::numeric_limits<std::uint64_t>::max();
  child.dead_letters = 1;
  child.activity = "on_batch";
  child.progress_age = 299ms;
  child.mailbox = {7, 1024, 900, 4'194'304, {100, 90, 8, 2, 3, 12}, 55ms};
  health.children = {child, {}};
  health.children[1].id = "src/watcher";
  health.children[1].state = child_state::ready;
  return health;
}

/// With a link, and as a collector.
health_snapshot linked() {
  auto health = sample();
  auto up = link_health{};
  up.child = "src/debouncer";
  up.state = link_state::up;
  up.since = 12s;
  up.address = "10.0.0.7:9471";
  up.peer = "center (0.1.0)";
  up.window = 16;
  up.window_used = 3;
  up.credit = 16;
  up.last_ack = 200ms;
  up.connects = 3;
  up.sent = std::numeric_limits<std::uint64_t>::max();
  up.repeated = 2;
  up.acknowledged = 40;
  up.spool_bytes = 3 * 1024 * 1024 / 2;
  auto waiting = link_health{};
  waiting.child = "src/other";
  waiting.next_try = 1700ms;
  waiting.last_error = "connection \"refused\"";
  health.links = {up, waiting};
  health.collectors = {{"0.0.0.0:9471", 4, 10, 3, 1, 2000, 4096, "the disk is full"}};
  auto there = peer_health{};
  there.node = "web-2";
  there.link = "src/up";
  there.name = "web-2.example";
  there.address = "10.0.0.8:40112";
  there.version = "0.1.0";
  there.is_up = true;
  there.since = 3s;
  there.last_heard = 100ms;
  there.connects = 1;
  there.batches = 20;
  there.records = 2000;
  there.duplicates = 4;
  there.gaps = 1;
  auto gone = there;
  gone.node = "web-3";
  gone.is_up = false;
  gone.last_error = "nothing was heard for 10000 ms";
  health.peers = {there, gone};
  health.peers_left_out = 5;
  return health;
}

void check_equal(const link_health& a, const link_health& b) {
  BOOST_TEST(a.child == b.child);
  BOOST_TEST((a.state == b.state));
  BOOST_TEST(a.since.count() == b.since.count());
  BOOST_TEST(a.address == b.address);
  BOOST_TEST(a.peer == b.peer);
  BOOST_TEST(a.window == b.window);
  BOOST_TEST(a.window_used == b.window_used);
  BOOST_TEST(a.credit == b.credit);
  BOOST_TEST((a.last_ack == b.last_ack));
  BOOST_TEST((a.next_try == b.next_try));
  BOOST_TEST(a.connects == b.connects);
  BOOST_TEST(a.sent == b.sent);
  BOOST_TEST(a.repeated == b.repeated);
  BOOST_TEST(a.acknowledged == b.acknowledged);
  BOOST_TEST((a.spool_bytes == b.spool_bytes));
  BOOST_TEST(a.last_error == b.last_error);
}

void check_equal(const collector_health& a, const collector_health& b) {
  BOOST_TEST(a.address == b.address);
  BOOST_TEST(a.handshakes == b.handshakes);
  BOOST_TEST(a.accepted == b.accepted);
  BOOST_TEST(a.refused == b.refused);
  BOOST_TEST(a.evicted == b.evicted);
  BOOST_TEST(a.records == b.records);
  BOOST_TEST(a.store_bytes == b.store_bytes);
  BOOST_TEST(a.trouble == b.trouble);
}

void check_equal(const peer_health& a, const peer_health& b) {
  BOOST_TEST(a.node == b.node);
  BOOST_TEST(a.link == b.link);
  BOOST_TEST(a.name == b.name);
  BOOST_TEST(a.address == b.address);
  BOOST_TEST(a.version == b.version);
  BOOST_TEST(a.is_up == b.is_up);
  BOOST_TEST(a.since.count() == b.since.count());
  BOOST_TEST(a.last_heard.count() == b.last_heard.count());
  BOOST_TEST(a.connects == b.connects);
  BOOST_TEST(a.batches == b.batches);
  BOOST_TEST(a.records == b.records);
  BOOST_TEST(a.duplicates == b.duplicates);
  BOOST_TEST(a.gaps == b.gaps);
  BOOST_TEST(a.last_error == b.last_error);
}

void check_equal(const child_health& a, const child_health& b) {
  BOOST_TEST(a.id == b.id);
  BOOST_TEST((a.state == b.state));
  BOOST_TEST(a.since.count() == b.since.count());
  BOOST_TEST(a.incarnation == b.incarnation);
  BOOST_TEST(a.attempt == b.attempt);
  BOOST_TEST(a.attempts_max == b.attempts_max);
  BOOST_TEST((a.next_try_in == b.next_try_in));
  BOOST_TEST(a.last_error == b.last_error);
  BOOST_TEST(a.restarts_total == b.restarts_total);
  BOOST_TEST(a.dead_letters == b.dead_letters);
  BOOST_TEST(a.activity == b.activity);
  BOOST_TEST(a.progress_age.count() == b.progress_age.count());
  BOOST_TEST(a.mailbox.depth == b.mailbox.depth);
  BOOST_TEST(a.mailbox.capacity == b.mailbox.capacity);
  BOOST_TEST(a.mailbox.bytes == b.mailbox.bytes);
  BOOST_TEST(a.mailbox.bytes_max == b.mailbox.bytes_max);
  BOOST_TEST(a.mailbox.counters.accepted == b.mailbox.counters.accepted);
  BOOST_TEST(a.mailbox.counters.released == b.mailbox.counters.released);
  BOOST_TEST(a.mailbox.counters.refused == b.mailbox.counters.refused);
  BOOST_TEST(a.mailbox.counters.high_water == b.mailbox.counters.high_water);
  BOOST_TEST(a.mailbox.counters.dropped == b.mailbox.counters.dropped);
  BOOST_TEST(a.mailbox.counters.evicted == b.mailbox.counters.evicted);
  BOOST_TEST(a.mailbox.counters.conflated == b.mailbox.counters.conflated);
  BOOST_TEST(a.mailbox.counters.crashed == b.mailbox.counters.crashed);
  BOOST_TEST(a.mailbox.held.count() == b.mailbox.held.count());
}

} // namespace health_json_tests

BOOST_AUTO_TEST_SUITE(health_json_tests)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const auto before = sample();
  const auto after = health_from_json(to_json(before));
  BOOST_REQUIRE(after.has_value());
  BOOST_TEST(after->node == before.node);
  BOOST_TEST(after->version == before.version);
  BOOST_TEST(after->live == before.live);
  BOOST_TEST(after->ready == before.ready);
  BOOST_TEST(after->uptime.count() == before.uptime.count());
  BOOST_REQUIRE(after->children.size() == before.children.size());
  for (std::size_t i = 0; i < before.children.size(); ++i)
    check_equal(before.children[i], after->children[i]);
}

BOOST_AUTO_TEST_CASE(links_collectors_and_peers_are_read_back) {
  const auto before = linked();
  const auto after = health_from_json(to_json(before));
  BOOST_REQUIRE(after.has_value());
  BOOST_REQUIRE(after->links.size() == 2u);
  BOOST_REQUIRE(after->collectors.size() == 1u);
  BOOST_REQUIRE(after->peers.size() == 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    check_equal(before.links[i], after->links[i]);
    check_equal(before.peers[i], after->peers[i]);
  }
  check_equal(before.collectors[0], after->collectors[0]);
  BOOST_TEST(after->peers_left_out == 5u);
}

BOOST_AUTO_TEST_CASE(every_state_of_a_link_is_read_back) {
  for (auto i = 0; i <= static_cast<int>(link_state::up); ++i) {
    auto health = linked();
    health.links[0].state = static_cast<link_state>(i);
    BOOST_TEST((health_from_json(to_json(health))->links[0].state == health.links[0].state));
  }
}

BOOST_AUTO_TEST_CASE(the_names_of_links_and_peers_are_those_of_the_doors_page) {
  const auto object = nlohmann::json::parse(to_json(linked()));
  for (const auto* key : {"child", "state", "since_ms", "address", "peer", "window", "window_used",
         "credit", "last_ack_ms", "next_try_in_ms", "connects", "sent", "repeated", "acknowledged",
         "spool_bytes", "last_error"})
    BOOST_TEST(object["links"][0].contains(key), key);
  for (const auto* key : {"node", "link", "name", "address", "version", "state", "since_ms",
         "last_heard_ms", "connects", "batches", "records", "duplicates", "gaps", "last_error"})
    BOOST_TEST(object["peers"][0].contains(key), key);
  BOOST_TEST(object["links"][0]["next_try_in_ms"].is_null());
  BOOST_TEST(object["links"][1]["last_ack_ms"].is_null());
  BOOST_TEST(object["links"][1]["spool_bytes"].is_null());
}

BOOST_AUTO_TEST_CASE(a_node_is_listed_once_and_is_up_when_one_of_its_links_is) {
  auto peers = linked().peers;
  peers.push_back(peers[0]);
  peers[2].link = "src/second";
  peers[2].is_up = false;
  peers[2].since = 1s;
  const auto object = nlohmann::json::parse(nodes_json(peers));
  BOOST_REQUIRE(object["nodes"].size() == 2u);
  BOOST_TEST(object["nodes"][0]["node"] == "web-2");
  BOOST_TEST(object["nodes"][0]["state"] == "up");
  BOOST_TEST(object["nodes"][0]["links"].size() == 2u);
  BOOST_TEST(object["nodes"][1]["state"] == "gone");
  BOOST_TEST(nodes_json({}) == "{\"nodes\":[]}");
}

BOOST_AUTO_TEST_CASE(the_text_for_people_shows_links_and_who_links) {
  const auto text = to_text(linked());
  for (const auto* part :
    {"link up for 12.0s  center (0.1.0) at 10.0.0.7:9471  window 3/16  last ack 200ms ago",
      "reconnects 2", "repeated 2", "spool 1.5 MiB", "collector 0.0.0.0:9471  records 2000",
      "refused 3", "stores nothing now: the disk is full", "├─ web-2 src/up  up for 3.0s",
      "records 2000  duplicates 4  gaps 1", "web-3 src/up  gone for 3.0s",
      "nothing was heard for 10000 ms", "... and 5 more"})
    BOOST_TEST(text.find(part) != std::string::npos, part << " is not in\n" << text);
  const auto waits = link_text(linked().links[1]);
  BOOST_TEST(waits
             == "waiting for 0ms  window 0/0  last ack never  reconnects 0  next try in 1.7s"
                "  last error: connection \"refused\"");
}

BOOST_AUTO_TEST_CASE(every_state_is_read_back) {
  for (auto i = 0; i <= static_cast<int>(child_state::failed); ++i) {
    auto health = sample();
    health.children[0].state = static_cast<child_state>(i);
    BOOST_TEST((health_from_json(to_json(health))->children[0].state == health.children[0].state));
  }
}

BOOST_AUTO_TEST_CASE(the_names_are_those_of_the_interface_page) {
  const auto object = nlohmann::json::parse(to_json(sample()));
  for (const auto* key : {"node", "version", "live", "ready", "children", "totals"})
    BOOST_TEST(object.contains(key), key);
  const auto& child = object["children"][0];
  for (const auto* key : {"id", "state", "incarnation", "attempt", "next_try_in_ms", "last_error",
         "restarts_total", "mailbox", "progress_age_ms"})
    BOOST_TEST(child.contains(key), key);
  for (const auto* key :
    {"depth", "capacity", "bytes", "high_water", "refused", "dropped", "held_ms"})
    BOOST_TEST(child["mailbox"].contains(key), key);
  BOOST_TEST(child["state"] == "backing_off");
  BOOST_TEST(!object["children"][1].contains("mailbox")); // a source has none
}

BOOST_AUTO_TEST_CASE(an_error_text_that_is_no_utf8_still_makes_json) {
  auto health = sample();
  health.children[0].last_error = "cannot read /r/\xFF\xC3(";
  const auto text = to_json(health);
  BOOST_TEST(text.find('\n') == std::string::npos);
  const auto after = health_from_json(text);
  BOOST_REQUIRE(after.has_value());
  BOOST_TEST(after->children[0].last_error == "cannot read /r/\xEF\xBF\xBD\xEF\xBF\xBD(");
}

BOOST_AUTO_TEST_CASE(unknown_fields_are_ignored_and_missing_ones_have_defaults) {
  const auto health = health_from_json(R"({"children":[{"id":"p/c","new":[1,2]}],"more":{}})");
  BOOST_REQUIRE(health.has_value());
  BOOST_TEST(health->children[0].id == "p/c");
  BOOST_TEST((health->children[0].state == child_state::waiting));
}

BOOST_AUTO_TEST_CASE(what_is_no_health_answer_is_an_error_and_not_a_crash) {
  for (const auto* text :
    {"", "x", "{}", "[]", "null", "1", "{\"children\":1}", "{\"children\":[1]}",
      "{\"children\":[{\"id\":1}]}", "{\"children\":[{\"mailbox\":1}]}",
      "{\"children\":[],\"links\":1}", "{\"children\":[],\"links\":[1]}",
      "{\"children\":[],\"peers\":[{\"records\":\"x\"}]}", "{\"children\":[],\"collectors\":[[]]}",
      "{\"children\":[{\"since_ms\":\"x\"}]}", "{\"children\":[{\"mailbox\":{\"depth\":\"x\"}}]}"})
    BOOST_TEST(!health_from_json(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(a_damaged_answer_is_an_error_or_an_answer_but_never_a_crash) {
  const auto good = to_json(linked());
  auto random = std::mt19937{5};
  for (auto i = 0; i < 20'000; ++i) {
    auto text = good.substr(0, random() % 4 == 0 ? random() % good.size() : good.size());
    for (auto n = random() % 4; n > 0 && !text.empty(); --n)
      text[random() % text.size()] = static_cast<char>(random());
    static_cast<void>(health_from_json(text));
  }
}

BOOST_AUTO_TEST_CASE(the_text_for_people_names_the_child_its_state_and_its_error) {
  const auto text = to_text(sample());
  for (const auto* part : {"web-1", "debouncer", "backing_off", "attempt 2/5", "next try in 1.7s",
         "last error: disk is", "watcher", "mailbox 7/1024"})
    BOOST_TEST(text.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_SUITE_END()
