#include "actors/codec/health_json.hpp"

#include "actors/codec/health_text.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <limits>
#include <random>

using namespace actors;
using namespace std::chrono_literals;

namespace {

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

} // namespace

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
      "{\"children\":[{\"since_ms\":\"x\"}]}", "{\"children\":[{\"mailbox\":{\"depth\":\"x\"}}]}"})
    BOOST_TEST(!health_from_json(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(a_damaged_answer_is_an_error_or_an_answer_but_never_a_crash) {
  const auto good = to_json(sample());
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
