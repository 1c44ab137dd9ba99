#include "actors/codec/link_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

namespace actors {

namespace {

using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

json span_or_null(const std::optional<milliseconds>& span) {
  return span ? json(span->count()) : json(nullptr);
}

milliseconds span_in(const nlohmann::json& object, const char* key) {
  return milliseconds{object.value(key, std::int64_t{0})};
}

std::optional<milliseconds> maybe_span_in(const nlohmann::json& object, const char* key) {
  if (!object.contains(key) || !object[key].is_number())
    return std::nullopt;
  return span_in(object, key);
}

link_state state_of(std::string_view name) {
  for (const auto state : {link_state::dialling, link_state::greeting, link_state::up})
    if (name_of(state) == name)
      return state;
  return link_state::waiting;
}

const char* up_or_gone(bool is_up) {
  return is_up ? "up" : "gone";
}

} // namespace

json to_object(const link_health& x) {
  return {{"child", x.child}, {"state", name_of(x.state)}, {"since_ms", x.since.count()},
    {"address", x.address}, {"peer", x.peer}, {"window", x.window}, {"window_used", x.window_used},
    {"credit", x.credit}, {"last_ack_ms", span_or_null(x.last_ack)},
    {"next_try_in_ms", span_or_null(x.next_try)}, {"connects", x.connects}, {"sent", x.sent},
    {"repeated", x.repeated}, {"acknowledged", x.acknowledged},
    {"spool_bytes", x.spool_bytes ? json(*x.spool_bytes) : json(nullptr)},
    {"last_error", x.last_error}};
}

link_health link_of(const nlohmann::json& object) {
  auto x = link_health{};
  x.child = object.value("child", "");
  x.state = state_of(object.value("state", ""));
  x.since = span_in(object, "since_ms");
  x.address = object.value("address", "");
  x.peer = object.value("peer", "");
  x.window = object.value("window", std::size_t{0});
  x.window_used = object.value("window_used", std::size_t{0});
  x.credit = object.value("credit", std::size_t{0});
  x.last_ack = maybe_span_in(object, "last_ack_ms");
  x.next_try = maybe_span_in(object, "next_try_in_ms");
  x.connects = object.value("connects", std::uint64_t{0});
  x.sent = object.value("sent", std::uint64_t{0});
  x.repeated = object.value("repeated", std::uint64_t{0});
  x.acknowledged = object.value("acknowledged", std::uint64_t{0});
  if (object.contains("spool_bytes") && object["spool_bytes"].is_number())
    x.spool_bytes = object.value("spool_bytes", std::uint64_t{0});
  x.last_error = object.value("last_error", "");
  return x;
}

json to_object(const collector_health& x) {
  return {{"address", x.address}, {"handshakes", x.handshakes}, {"accepted", x.accepted},
    {"refused", x.refused}, {"evicted", x.evicted}, {"records", x.records},
    {"store_bytes", x.store_bytes}, {"trouble", x.trouble}};
}

collector_health collector_of(const nlohmann::json& object) {
  auto x = collector_health{};
  x.address = object.value("address", "");
  x.handshakes = object.value("handshakes", std::size_t{0});
  x.accepted = object.value("accepted", std::uint64_t{0});
  x.refused = object.value("refused", std::uint64_t{0});
  x.evicted = object.value("evicted", std::uint64_t{0});
  x.records = object.value("records", std::uint64_t{0});
  x.store_bytes = object.value("store_bytes", std::uint64_t{0});
  x.trouble = object.value("trouble", "");
  return x;
}

json to_object(const peer_health& x) {
  return {{"node", x.node}, {"link", x.link}, {"name", x.name}, {"address", x.address},
    {"version", x.version}, {"state", up_or_gone(x.is_up)}, {"since_ms", x.since.count()},
    {"last_heard_ms", x.last_heard.count()}, {"connects", x.connects}, {"batches", x.batches},
    {"records", x.records}, {"duplicates", x.duplicates}, {"gaps", x.gaps},
    {"last_error", x.last_error}};
}

peer_health peer_of(const nlohmann::json& object) {
  auto x = peer_health{};
  x.node = object.value("node", "");
  x.link = object.value("link", "");
  x.name = object.value("name", "");
  x.address = object.value("address", "");
  x.version = object.value("version", "");
  x.is_up = object.value("state", "") == "up";
  x.since = span_in(object, "since_ms");
  x.last_heard = span_in(object, "last_heard_ms");
  x.connects = object.value("connects", std::uint64_t{0});
  x.batches = object.value("batches", std::uint64_t{0});
  x.records = object.value("records", std::uint64_t{0});
  x.duplicates = object.value("duplicates", std::uint64_t{0});
  x.gaps = object.value("gaps", std::uint64_t{0});
  x.last_error = object.value("last_error", "");
  return x;
}

std::string nodes_json(const std::vector<peer_health>& peers) {
  auto by_name = std::map<std::string, std::vector<const peer_health*>>{};
  for (const auto& x : peers)
    by_name[x.node].push_back(&x);
  auto rows = json::array();
  for (const auto& [name, links] : by_name) {
    const auto tells = *std::min_element(links.begin(), links.end(), // what is up, then the latest
      [](const auto* a, const auto* b) {
        return a->is_up != b->is_up ? a->is_up : a->since < b->since;
      });
    auto names = json::array();
    for (const auto* x : links)
      names.push_back(x->link);
    rows.push_back(
      {{"node", name}, {"state", up_or_gone(tells->is_up)}, {"since_ms", tells->since.count()},
        {"last_heard_ms", tells->last_heard.count()}, {"version", tells->version},
        {"address", tells->address}, {"name", tells->name}, {"connects", tells->connects},
        {"links", std::move(names)}, {"last_error", tells->last_error}});
  }
  return json{{"nodes", std::move(rows)}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace actors
