#include "actors/codec/health_json.hpp"

#include "actors/codec/link_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace actors {

namespace {

using json = nlohmann::ordered_json;

/// All that was lost, accepted or not.
std::uint64_t dropped(const queue_counters& x) {
  return x.dropped + x.evicted + x.conflated;
}

json to_object(const mailbox_health& x) {
  return {{"depth", x.depth}, {"capacity", x.capacity}, {"bytes", x.bytes},
    {"bytes_max", x.bytes_max}, {"high_water", x.counters.high_water},
    {"accepted", x.counters.accepted}, {"released", x.counters.released},
    {"refused", x.counters.refused}, {"dropped", dropped(x.counters)},
    {"evicted", x.counters.evicted}, {"conflated", x.counters.conflated},
    {"crashed", x.counters.crashed}, {"held_ms", x.held.count()}};
}

/// Those there were, by name; and all.
json types_of(const type_counts& counts) {
  auto object = json::object();
  auto all = std::uint64_t{0};
  for (std::size_t i = 0; i < event_types; ++i) {
    all += counts[i];
    if (counts[i] != 0)
      object[std::string{name_of(static_cast<event_type>(i))}] = counts[i];
  }
  object["total"] = all;
  return object;
}

json to_object(const latency_counts& x) {
  return {{"count", x.count()}, {"sum_us", x.sum.count()}, {"p50_us", x.at_most(0.5).count()},
    {"p99_us", x.at_most(0.99).count()}, {"buckets", x.buckets}};
}

json to_object(const child_health& x) {
  auto object = json{{"id", x.id}, {"kind", name_of(x.kind)}, {"state", name_of(x.state)},
    {"since_ms", x.since.count()}, {"incarnation", x.incarnation}, {"attempt", x.attempt},
    {"attempts_max", x.attempts_max}, {"next_try_in_ms", nullptr}, {"last_error", x.last_error},
    {"restarts_total", x.restarts_total}, {"dead_letters", x.dead_letters}, {"note", x.note},
    {"activity", x.activity}, {"progress_age_ms", x.progress_age.count()}};
  if (x.next_try_in)
    object["next_try_in_ms"] = x.next_try_in->count();
  if (!x.held_by.empty())
    object["held_by"] = x.held_by;
  object["events"] = types_of(x.passed.events);
  if (x.passed.latency)
    object["latency"] = to_object(*x.passed.latency);
  if (x.mailbox.capacity != 0)
    object["mailbox"] = to_object(x.mailbox);
  return object;
}

json to_object(const health_totals& x) {
  auto states = json::object();
  for (std::size_t i = 0; i < child_states; ++i)
    states[std::string{name_of(static_cast<child_state>(i))}] = x.by_state[i];
  auto lost = json::object();
  auto dropped = std::uint64_t{0};
  for (std::size_t i = 0; i < losses; ++i) {
    lost[std::string{name_of(static_cast<loss>(i))}] = x.losses.messages[i];
    dropped += x.losses.messages[i];
  }
  return {{"children", x.children()}, {"states", std::move(states)}, {"restarts", x.restarts},
    {"abandoned", x.abandoned}, {"dropped", dropped}, {"lost", std::move(lost)}};
}

health_totals totals_of(const nlohmann::json& object) {
  auto x = health_totals{};
  const auto states = object.value("states", nlohmann::json::object());
  for (std::size_t i = 0; i < child_states; ++i)
    x.by_state[i] = states.value(std::string{name_of(static_cast<child_state>(i))}, std::size_t{0});
  const auto lost = object.value("lost", nlohmann::json::object());
  for (std::size_t i = 0; i < losses; ++i)
    x.losses.messages[i] = lost.value(std::string{name_of(static_cast<loss>(i))}, std::uint64_t{0});
  x.restarts = object.value("restarts", std::uint64_t{0});
  x.abandoned = object.value("abandoned", std::size_t{0});
  return x;
}

child_state state_of(std::string_view name) {
  for (auto state = child_state::waiting; state <= child_state::failed;
       state = static_cast<child_state>(static_cast<int>(state) + 1))
    if (name_of(state) == name)
      return state;
  return child_state::waiting;
}

child_kind kind_of(std::string_view name) {
  for (const auto kind : {child_kind::group, child_kind::pool})
    if (name_of(kind) == name)
      return kind;
  return child_kind::child;
}

std::chrono::milliseconds millis(const nlohmann::json& object, const char* key) {
  return std::chrono::milliseconds{object.value(key, std::int64_t{0})};
}

mailbox_health mailbox_of(const nlohmann::json& object) {
  auto x = mailbox_health{};
  x.depth = object.value("depth", std::size_t{0});
  x.capacity = object.value("capacity", std::size_t{0});
  x.bytes = object.value("bytes", std::size_t{0});
  x.bytes_max = object.value("bytes_max", std::size_t{0});
  x.counters.high_water = object.value("high_water", std::size_t{0});
  x.counters.accepted = object.value("accepted", std::uint64_t{0});
  x.counters.released = object.value("released", std::uint64_t{0});
  x.counters.refused = object.value("refused", std::uint64_t{0});
  x.counters.evicted = object.value("evicted", std::uint64_t{0});
  x.counters.conflated = object.value("conflated", std::uint64_t{0});
  x.counters.dropped =
    object.value("dropped", std::uint64_t{0}) - x.counters.evicted - x.counters.conflated;
  x.counters.crashed = object.value("crashed", std::uint64_t{0});
  x.held = millis(object, "held_ms");
  return x;
}

latency_counts latency_of(const nlohmann::json& object) {
  auto x = latency_counts{};
  x.sum = std::chrono::microseconds{object.value("sum_us", std::int64_t{0})};
  const auto buckets = object.value("buckets", std::vector<std::uint64_t>{});
  std::copy_n(buckets.begin(), std::min(buckets.size(), x.buckets.size()), x.buckets.begin());
  return x;
}

child_health child_of(const nlohmann::json& object) {
  auto x = child_health{};
  x.id = object.value("id", "");
  x.kind = kind_of(object.value("kind", ""));
  x.state = state_of(object.value("state", ""));
  x.since = millis(object, "since_ms");
  x.incarnation = object.value("incarnation", std::uint64_t{0});
  x.attempt = object.value("attempt", std::uint32_t{0});
  x.attempts_max = object.value("attempts_max", std::uint32_t{0});
  if (object.contains("next_try_in_ms") && object["next_try_in_ms"].is_number())
    x.next_try_in = millis(object, "next_try_in_ms");
  x.last_error = object.value("last_error", "");
  x.restarts_total = object.value("restarts_total", std::uint64_t{0});
  x.dead_letters = object.value("dead_letters", std::uint64_t{0});
  x.note = object.value("note", "");
  x.activity = object.value("activity", "");
  x.held_by = object.value("held_by", "");
  x.progress_age = millis(object, "progress_age_ms");
  const auto events = object.value("events", nlohmann::json::object());
  for (std::size_t i = 0; i < event_types; ++i)
    x.passed.events[i] =
      events.value(std::string{name_of(static_cast<event_type>(i))}, std::uint64_t{0});
  if (object.contains("latency"))
    x.passed.latency = latency_of(object["latency"]);
  if (object.contains("mailbox"))
    x.mailbox = mailbox_of(object["mailbox"]);
  return x;
}

template <class Row>
json rows_of(const std::vector<Row>& rows) {
  auto array = json::array();
  for (const auto& x : rows)
    array.push_back(to_object(x));
  return array;
}

/// What a node of an older version has no word of is empty.
template <class Row>
void read_rows(const nlohmann::json& object, const char* key, Row (*row_of)(const nlohmann::json&),
  std::vector<Row>& rows) {
  if (object.contains(key))
    for (const auto& x : object[key])
      rows.push_back(row_of(x));
}

} // namespace

std::string to_json(const health_snapshot& health) {
  const auto object = json{{"node", health.node}, {"version", health.version},
    {"live", health.live}, {"ready", health.ready}, {"uptime_ms", health.uptime.count()},
    {"doors", health.doors}, {"children", rows_of(health.children)}, {"has_more", health.has_more},
    {"totals", to_object(health.totals)}, {"links", rows_of(health.links)},
    {"collectors", rows_of(health.collectors)}, {"peers", rows_of(health.peers)},
    {"peers_left_out", health.peers_left_out}};
  // Error texts hold paths, and paths hold any byte.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

result<health_snapshot> health_from_json(std::string_view text) {
  try {
    const auto object = nlohmann::json::parse(text);
    auto health = health_snapshot{};
    health.node = object.value("node", "");
    health.version = object.value("version", "");
    health.live = object.value("live", false);
    health.ready = object.value("ready", false);
    health.uptime = millis(object, "uptime_ms");
    health.doors = object.value("doors", std::vector<std::string>{});
    health.has_more = object.value("has_more", false);
    if (object.contains("totals"))
      health.totals = totals_of(object["totals"]);
    for (const auto& child : object.at("children"))
      health.children.push_back(child_of(child));
    read_rows(object, "links", link_of, health.links);
    read_rows(object, "collectors", collector_of, health.collectors);
    read_rows(object, "peers", peer_of, health.peers);
    health.peers_left_out = object.value("peers_left_out", std::size_t{0});
    return health;
  } catch (const nlohmann::json::exception& x) {
    return failure(errc::invalid_argument, std::string{"not a health answer: "} + x.what());
  }
}

} // namespace actors
