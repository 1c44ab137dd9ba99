#include "actors/codec/metrics_text.hpp"

#include <boost/test/unit_test.hpp>

#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>

using namespace actors;

namespace metrics_text_test {

using label_set = std::map<std::string, std::string>;

struct sample {
  std::string name;
  label_set labels;
  double value = 0;
};

/// As strict as Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/
class exposition {
public:
  explicit exposition(const std::string& text) {
    auto lines = std::istringstream{text};
    BOOST_TEST(text.back() == '\n');
    for (auto line = std::string{}; std::getline(lines, line);)
      line.starts_with("# ") ? take_comment(line.substr(2)) : take_sample(line);
  }

  std::optional<double> value(const std::string& name, const label_set& labels = {}) const {
    for (const auto& x : samples)
      if (x.name == name && x.labels == labels)
        return x.value;
    return std::nullopt;
  }

  std::map<std::string, std::string> types;
  std::set<std::string> helped;
  std::vector<sample> samples;

private:
  void take_comment(const std::string& line) {
    const auto name_end = line.find(' ', 5);
    const auto name = line.substr(5, name_end - 5);
    BOOST_TEST(name.starts_with("actors_"));
    if (line.starts_with("HELP "))
      BOOST_TEST(helped.insert(name).second, "one HELP for " << name);
    else if (line.starts_with("TYPE "))
      BOOST_TEST(types.emplace(name, line.substr(name_end + 1)).second, "one TYPE for " << name);
    else
      BOOST_ERROR("neither HELP nor TYPE: " << line);
  }

  void take_sample(const std::string& line) {
    auto x = sample{};
    auto at = std::size_t{0};
    const auto is_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    };
    while (at < line.size() && is_name(line[at]))
      x.name += line[at++];
    if (at < line.size() && line[at] == '{')
      for (++at; line.at(at) != '}';) {
        auto key = std::string{};
        while (is_name(line.at(at)))
          key += line[at++];
        BOOST_REQUIRE(line.substr(at, 2) == "=\"");
        at += 2;
        auto value = std::string{};
        for (; line.at(at) != '"'; ++at) {
          if (line[at] == '\\') {
            ++at;
            value += line.at(at) == 'n' ? '\n' : line[at];
          } else {
            value += line[at];
          }
        }
        ++at;
        BOOST_TEST(x.labels.emplace(key, value).second);
        if (line.at(at) == ',')
          ++at;
      }
    else
      --at;
    BOOST_REQUIRE(line.at(++at) == ' ');
    auto used = std::size_t{0};
    x.value = std::stod(line.substr(at + 1), &used);
    BOOST_TEST(used == line.size() - at - 1, "a number ends the line: " << line);
    auto family = x.name;
    for (const auto* suffix : {"_bucket", "_sum", "_count"})
      if (!types.contains(family) && family.ends_with(suffix))
        family.resize(family.size() - std::string{suffix}.size());
    BOOST_TEST(types.contains(family), "TYPE before samples of " << x.name);
    BOOST_TEST(helped.contains(family), "HELP before samples of " << x.name);
    if (types[family] == "counter")
      BOOST_TEST(x.name.ends_with("_total"));
    samples.push_back(std::move(x));
  }
};

child_health emitter() {
  auto x = child_health{};
  x.id = "src/emitter";
  x.state = child_state::ready;
  x.restarts_total = 3;
  x.mailbox.depth = 7;
  x.mailbox.capacity = 1024;
  x.passed.events[static_cast<std::size_t>(event_type::create)] = 40;
  x.passed.lost[static_cast<std::size_t>(loss::evicted)] = 2;
  auto latency = latency_counts{};
  latency.buckets[1] = 30;
  latency.buckets.back() = 10;
  latency.sum = std::chrono::seconds{700};
  x.passed.latency = latency;
  return x;
}

node_metrics example() {
  auto metrics = node_metrics{};
  metrics.health.node = "web-1";
  metrics.health.version = "1.2.3";
  metrics.health.ready = true;
  metrics.health.children.push_back(emitter());
  auto source = child_health{};
  source.id = "src/watcher";
  metrics.health.children.push_back(source);
  auto link = link_health{};
  link.child = "src/up";
  link.state = link_state::up;
  link.window = 16;
  link.window_used = 3;
  link.sent = 50;
  link.repeated = 2;
  link.connects = 4;
  link.last_ack = std::chrono::milliseconds{1500};
  metrics.health.links = {link, {}};
  metrics.health.links[1].child = "src/away";
  metrics.health.links[1].spool_bytes = 77;
  metrics.health.collectors = {{"0.0.0.0:9471", 4, 10, 3, 1, 2000, 4096, ""},
    {"unix:/c.sock", 0, 0, 0, 0, 0, 0, "the disk is full"}};
  auto peer = peer_health{};
  peer.node = "web-2";
  peer.link = "src/up";
  peer.records = 5;
  peer.last_heard = std::chrono::seconds{9};
  metrics.health.peers = {peer, peer}; // at both collectors
  metrics.health.peers[1].is_up = true;
  metrics.health.peers[1].last_heard = std::chrono::seconds{1};
  metrics.overflows["/srv/a\"b\\c\nd\xFF"] = 5;
  return metrics;
}

} // namespace metrics_text_test

BOOST_AUTO_TEST_SUITE(metrics_text_test)

BOOST_AUTO_TEST_CASE(a_parser_of_the_format_accepts_all_of_it) {
  const auto told = exposition{metrics_text(example())};
  BOOST_TEST(told.samples.size() > 40u);
  BOOST_TEST(told.types.size() == told.helped.size());
}

BOOST_AUTO_TEST_CASE(an_empty_node_has_metrics_too) {
  const auto told = exposition{metrics_text({})};
  BOOST_TEST(told.value("actors_up").value_or(-1) == 1);
  BOOST_TEST(told.value("actors_ready").value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(values_are_those_of_health) {
  const auto told = exposition{metrics_text(example())};
  const auto child = label_set{{"child", "src/emitter"}};
  BOOST_TEST(told.value("actors_child_restarts_total", child).value_or(-1) == 3);
  BOOST_TEST(told.value("actors_mailbox_depth", child).value_or(-1) == 7);
  BOOST_TEST(told.value("actors_child_up", child).value_or(-1) == 1);
  BOOST_TEST(
    told.value("actors_events_total", {{"child", "src/emitter"}, {"type", "create"}}).value_or(-1)
    == 40);
  BOOST_TEST(told.value("actors_dropped_total", {{"child", "src/emitter"}, {"reason", "evicted"}})
               .value_or(-1)
             == 2);
  BOOST_TEST(
    told.value("actors_build_info", {{"version", "1.2.3"}, {"node", "web-1"}}).value_or(-1) == 1);
}

BOOST_AUTO_TEST_CASE(links_have_metrics) {
  const auto told = exposition{metrics_text(example())};
  const auto up = label_set{{"child", "src/up"}};
  const auto away = label_set{{"child", "src/away"}};
  BOOST_TEST(told.value("actors_link_up", up).value_or(-1) == 1);
  BOOST_TEST(told.value("actors_link_up", away).value_or(-1) == 0);
  BOOST_TEST(told.value("actors_link_window_used", up).value_or(-1) == 3);
  BOOST_TEST(told.value("actors_link_window", up).value_or(-1) == 16);
  BOOST_TEST(told.value("actors_link_sent_total", up).value_or(-1) == 50);
  BOOST_TEST(told.value("actors_link_repeated_total", up).value_or(-1) == 2);
  BOOST_TEST(told.value("actors_link_connects_total", up).value_or(-1) == 4);
  BOOST_TEST(told.value("actors_link_last_ack_seconds", up).value_or(-1) == 1.5);
  BOOST_TEST(!told.value("actors_link_last_ack_seconds", away)); // never
  BOOST_TEST(!told.value("actors_link_spool_bytes", up));        // it has none
  BOOST_TEST(told.value("actors_link_spool_bytes", away).value_or(-1) == 77);
}

BOOST_AUTO_TEST_CASE(collectors_and_peers_have_metrics_and_no_sample_comes_twice) {
  const auto told = exposition{metrics_text(example())};
  const auto here = label_set{{"listen", "0.0.0.0:9471"}};
  BOOST_TEST(told.value("actors_collector_handshakes", here).value_or(-1) == 4);
  BOOST_TEST(told.value("actors_collector_records_total", here).value_or(-1) == 2000);
  BOOST_TEST(told.value("actors_collector_store_bytes", here).value_or(-1) == 4096);
  BOOST_TEST(told.value("actors_collector_stores", here).value_or(-1) == 1);
  BOOST_TEST(told.value("actors_collector_stores", {{"listen", "unix:/c.sock"}}).value_or(-1) == 0);
  BOOST_TEST(told
               .value("actors_collector_connections_total",
                 {{"listen", "0.0.0.0:9471"}, {"outcome", "refused"}})
               .value_or(-1)
             == 3);
  const auto peer = label_set{{"node", "web-2"}, {"link", "src/up"}};
  BOOST_TEST(told.value("actors_peer_up", peer).value_or(-1) == 1);
  BOOST_TEST(told.value("actors_peer_records_total", peer).value_or(-1) == 10);
  BOOST_TEST(told.value("actors_peer_last_heard_seconds", peer).value_or(-1) == 1);
  auto seen = std::set<std::pair<std::string, label_set>>{};
  for (const auto& x : told.samples)
    BOOST_TEST(seen.emplace(x.name, x.labels).second, x.name);
}

BOOST_AUTO_TEST_CASE(a_child_without_a_mailbox_has_no_depth) {
  const auto told = exposition{metrics_text(example())};
  BOOST_TEST(!told.value("actors_mailbox_depth", {{"child", "src/watcher"}}));
}

BOOST_AUTO_TEST_CASE(a_label_holds_any_path) {
  const auto told = exposition{metrics_text(example())};
  BOOST_TEST(told.value("actors_watch_overflows_total", {{"root", "/srv/a\"b\\c\nd\xEF\xBF\xBD"}})
               .value_or(-1)
             == 5);
}

BOOST_AUTO_TEST_CASE(buckets_of_latency_add_up) {
  const auto told = exposition{metrics_text(example())};
  auto below = 0.0;
  auto buckets = 0;
  for (const auto& x : told.samples)
    if (x.name == "actors_event_latency_seconds_bucket") {
      BOOST_TEST(x.value >= below);
      below = x.value;
      ++buckets;
    }
  BOOST_TEST(buckets == 15);
  BOOST_TEST(below == 40);
  const auto child = label_set{{"child", "src/emitter"}};
  BOOST_TEST(told.value("actors_event_latency_seconds_count", child).value_or(-1) == 40);
  BOOST_TEST(told.value("actors_event_latency_seconds_sum", child).value_or(-1) == 700);
}

BOOST_AUTO_TEST_SUITE_END()
