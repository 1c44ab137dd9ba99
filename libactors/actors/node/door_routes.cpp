#include "actors/node/door_routes.hpp"

#include "actors/admin/dashboard.hpp"
#include "actors/codec/health_json.hpp"
#include "actors/codec/health_text.hpp"
#include "actors/codec/history_json.hpp"
#include "actors/codec/link_json.hpp"
#include "actors/codec/metrics_text.hpp"
#include "actors/core/whole_number.hpp"
#include "actors/node/door_streams.hpp"
#include "actors/node/node.hpp"
#include "actors/node/node_network.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// Entries in one answer, some 300 bytes each.
constexpr auto entries_max = std::size_t{1000};

/// A supervisor answers in microseconds; one that takes longer is stuck, and the door must not be.
constexpr auto supervisor_patience = 1s;

constexpr auto known =
  "GET / /health /healthz /readyz /metrics /events /dead_letters (the last two and /health take "
  "?after=LAST), /stream, /tap?edges=GLOB&max=N, /nodes; "
  "POST /children/PIPELINE/CHILD/reset /pipelines/PIPELINE/watch?path=/DIRECTORY "
  "/pipelines/PIPELINE/unwatch?path=/DIRECTORY /reload /stop; "
  "all of them also as /nodes/NODE/... of a node that links to this one\n";

/// Of nodes that ask others in turn. Trees of collectors are two or three high; a ring has no end.
constexpr auto tiers_max = 8;

constexpr auto counts_until =
  "it counts until the configuration is read again: change it there to keep it\n";

constexpr auto nodes_prefix = std::string_view{"/nodes/"};

door_answer text(int status, std::string what) {
  return {status, "text/plain; charset=utf-8", std::move(what)};
}

std::string_view parameter(const door_request& what, const std::string& name) {
  const auto found = what.query.find(name);
  return found == what.query.end() ? std::string_view{} : found->second;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  return whole_number<std::uint64_t>(text);
}

int status_of(errc code) {
  switch (code) {
    case errc::not_found: return 404;
    case errc::invalid_argument:
    case errc::closed: return 409;
    default: return 503;
  }
}

/// What stands between the two; nothing, when the path is another.
std::optional<std::string> between(
  std::string_view before, const std::string& path, std::string_view behind) {
  if (!path.starts_with(before) || !path.ends_with(behind)
      || path.size() <= before.size() + behind.size())
    return std::nullopt;
  return path.substr(before.size(), path.size() - before.size() - behind.size());
}

/// "/nodes/a/nodes/b/health" has two.
int tiers_of(std::string_view path) {
  auto tiers = 0;
  while (path.starts_with(nodes_prefix)) {
    ++tiers;
    path.remove_prefix(nodes_prefix.size());
    path.remove_prefix(std::min(path.find('/'), path.size()));
  }
  return tiers;
}

constexpr auto wants_number = "after and max are numbers\n";

} // namespace

door_answer node_routes::answer(const door_request& what) {
  const auto is_known = what.method == "GET" || what.method == "POST";
  if (is_known && what.path.starts_with(nodes_prefix))
    return ask_node(what);
  if (what.method == "GET")
    return get(what);
  if (what.method == "POST")
    return post(what);
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
  if (what.path == "/nodes")
    return nodes();
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

door_answer node_routes::post(const door_request& what) {
  if (what.path == "/reload")
    return reload();
  if (what.path == "/stop")
    return stop();
  if (const auto child = between("/children/", what.path, "/reset"))
    return reset(*child);
  const auto path = std::string{parameter(what, "path")};
  if (auto pipeline = between("/pipelines/", what.path, "/watch"))
    return change_root({std::move(*pipeline), root_change::action::watch, path}, what);
  if (auto pipeline = between("/pipelines/", what.path, "/unwatch"))
    return change_root({std::move(*pipeline), root_change::action::unwatch, path}, what);
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

door_answer node_routes::change_root(const root_change& what, const door_request& asked) {
  if (what.path.empty())
    return text(400, "say which: ?path=/DIRECTORY, percent-encoded\n");
  const auto changed = of_.with_root_changed(what);
  if (!changed)
    return text(status_of(changed.error().code), changed.error().text + "\n");
  const auto has_link = std::any_of(changed->emit.begin(), changed->emit.end(),
    [](const auto& x) { return std::holds_alternative<link_options>(x.to); });
  if (!asked.within || !has_link)
    return change_root_now(what);
  auto begun = text(202, "pipeline " + what.pipeline
                           + ": restarts, and its link with it; its health tells what came of it\n"
                           + counts_until);
  begun.then = [this, what] { change_root_now(what); };
  return begun;
}

door_answer node_routes::change_root_now(const root_change& what) {
  const auto report = hooks_.on_root_change ? hooks_.on_root_change(what) : of_.change_root(what);
  auto lines = std::string{};
  for (const auto& line : report.done)
    lines += line + "\n";
  for (const auto& each : report.failed)
    lines += each.text + "\n";
  if (!report.failed.empty())
    return text(status_of(report.failed.front().code), std::move(lines));
  return text(200, lines + counts_until);
}

// -- other nodes ----------------------------------------------------------------------------------

door_answer node_routes::nodes() const {
  const auto others = others_.lock();
  return {200, "application/json",
    nodes_json(
      others ? others->peers(std::chrono::steady_clock::now()) : std::vector<peer_health>{})};
}

/// Names have no slash: what follows the first one is for that node.
door_answer node_routes::ask_node(const door_request& what) const {
  const auto rest = std::string_view{what.path}.substr(nodes_prefix.size());
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0)
    return text(404, std::string{"there are "} + known);
  if (tiers_of(what.path) > tiers_max)
    return text(400, "more than " + std::to_string(tiers_max) + " nodes in a row\n");
  auto asked = what;
  asked.path = rest.substr(slash);
  if (asked.method == "GET" && asked.path == "/")
    return text(501, "the page of another node is not shown here; ask that node\n");
  const auto others = others_.lock();
  return others ? others->ask(rest.substr(0, slash), asked) : text(503, "this node ends\n");
}

// -- streams --------------------------------------------------------------------------------------

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
