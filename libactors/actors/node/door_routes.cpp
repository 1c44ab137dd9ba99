#include "actors/node/door_routes.hpp"

#include "actors/admin/dashboard.hpp"
#include "actors/codec/health_json.hpp"
#include "actors/codec/health_text.hpp"
#include "actors/codec/history_json.hpp"
#include "actors/codec/metrics_text.hpp"
#include "actors/node/door_streams.hpp"
#include "actors/node/node.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// Entries in one answer, some 300 bytes each.
constexpr auto entries_max = std::size_t{1000};

/// A supervisor answers in microseconds; one that takes longer is stuck, and the door must not be.
constexpr auto supervisor_patience = 1s;

constexpr auto known =
  "GET / /health /healthz /readyz /metrics /events /dead_letters (the last two and /health take "
  "?after=LAST), /stream, /tap?edges=GLOB&max=N; "
  "POST /children/PIPELINE/CHILD/reset /reload /stop\n";

door_answer text(int status, std::string what) {
  return {status, "text/plain; charset=utf-8", std::move(what)};
}

std::string_view parameter(const door_request& what, const std::string& name) {
  const auto found = what.query.find(name);
  return found == what.query.end() ? std::string_view{} : found->second;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  auto number = std::uint64_t{0};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto is_whole = end.ec == std::errc{} && end.ptr == text.data() + text.size();
  return text.empty() || !is_whole ? std::nullopt : std::optional{number};
}

int status_of(errc code) {
  switch (code) {
    case errc::not_found: return 404;
    case errc::invalid_argument:
    case errc::closed: return 409;
    default: return 503;
  }
}

constexpr auto wants_number = "after and max are numbers\n";

} // namespace

door_answer node_routes::answer(const door_request& what) {
  if (what.method == "GET")
    return get(what);
  if (what.method == "POST")
    return post(what.path);
  return text(405, std::string{"there are "} + known);
}

door_answer node_routes::get(const door_request& what) {
  const auto after_text = parameter(what, "after");
  const auto after = after_text.empty() ? 0 : number_in(after_text);
  if (what.path == "/")
    return {200, "text/html; charset=utf-8", std::string{dashboard_page()}};
  if (what.path == "/health")
    return {200, "application/json", to_json(of_.health({.after = std::string{after_text}}))};
  if (what.path == "/healthz")
    return of_.ping(supervisor_patience) ? text(200, "live\n")
                                         : text(503, "a supervisor does not answer\n");
  if (what.path == "/readyz") {
    const auto health = of_.health();
    return text(health.ready ? 200 : 503, health.ready ? "ready\n" : to_text(health));
  }
  if (what.path == "/metrics")
    return metrics();
  if (what.path == "/tap")
    return tap(what);
  if (what.path != "/events" && what.path != "/dead_letters" && what.path != "/stream")
    return text(404, std::string{"there are "} + known);
  if (!after)
    return text(400, wants_number);
  if (what.path == "/stream")
    return stream(what);
  if (what.path == "/events")
    return {200, "application/json", to_json(of_.events(*after, entries_max))};
  return {200, "application/json",
    to_json(of_.dead_letters(*after, entries_max), of_.health({.rows_max = 0}).totals.losses)};
}

door_answer node_routes::metrics() const {
  return {200, "text/plain; version=0.0.4; charset=utf-8",
    metrics_text({of_.health(), of_.overflows(), streams_->load()})};
}

door_answer node_routes::post(const std::string& path) {
  constexpr auto before = std::string_view{"/children/"};
  constexpr auto behind = std::string_view{"/reset"};
  if (path == "/reload")
    return reload();
  if (path == "/stop")
    return stop();
  if (path.starts_with(before) && path.ends_with(behind)
      && path.size() > before.size() + behind.size())
    return reset(path.substr(before.size(), path.size() - before.size() - behind.size()));
  return text(404, std::string{"there are "} + known);
}

door_answer node_routes::reset(const std::string& child) {
  if (auto done = of_.reset(child, supervisor_patience); !done)
    return text(status_of(done.error().code), done.error().text + "\n");
  return text(200, child + " starts\n");
}

door_answer node_routes::reload() {
  if (!hooks_.on_reload)
    return text(501, "this node has no configuration to read again\n");
  auto done = hooks_.on_reload();
  return done ? text(200, *done + "\n") : text(422, done.error().text + "\n");
}

door_answer node_routes::stop() {
  if (!hooks_.on_stop)
    return text(501, "this node is stopped by the program it is in\n");
  hooks_.on_stop();
  return text(202, "stopping\n");
}

door_answer node_routes::stream(const door_request& what) {
  auto place = std::shared_ptr<void>{nullptr, [streams = streams_](void*) { --*streams; }};
  if (++*streams_ > streams_max)
    return text(503, std::to_string(streams_max) + " streams are open already\n");
  auto begin = number_in(parameter(what, "after"));
  if (!begin) { // with what comes from now on
    const auto kept = of_.events(0, std::string::npos);
    begin = kept.entries.empty() ? kept.missed : kept.entries.back().id;
  }
  return {200, "text/event-stream", {},
    [place, events = std::make_shared<event_stream>(of_, *begin)](std::string& more) {
      events->append_next(more);
      return true;
    }};
}

door_answer node_routes::tap(const door_request& what) const {
  const auto max_text = parameter(what, "max");
  const auto max = max_text.empty() ? UINT64_MAX : number_in(max_text);
  if (!max)
    return text(400, wants_number);
  const auto edges = parameter(what, "edges");
  auto opened = of_.tap(edges.empty() ? "**" : std::string{edges});
  if (!opened)
    return text(opened.error().code == errc::full ? 503 : 400, opened.error().text + "\n");
  return {200, "application/x-ndjson", {},
    [records = std::make_shared<tap_stream>(std::move(*opened), *max)](
      std::string& more) { return records->append_next(more); }};
}

} // namespace actors
