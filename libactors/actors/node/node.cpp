#include "actors/node/node.hpp"

#include "actors/codec/health_json.hpp"
#include "actors/codec/health_text.hpp"
#include "actors/node/node_inside.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// After the deadline: for the abandoned to be named and the report to be written.
constexpr auto grace = 1s;

} // namespace

std::string_view version() noexcept {
  return ACTORS_VERSION;
}

node::inside::inside(node_options with)
  : options{std::move(with)}, log{options.log
                                    ? options.log
                                    : standard_error_log(log_level::warning, log_format::text)} {
  auto plan = fault_plan::parse(options.faults);
  if (plan)
    faults = std::move(*plan);
  else
    faults_error = plan.error();
  if (options.admin.empty())
    return;
  auto opened =
    unix_door::open(options.admin, [this](std::string_view path) { return answer(path); });
  if (opened)
    door = std::move(*opened);
  else
    log({log_level::error, "admin_door_closed", {{"reason", opened.error().text}}});
}

health_snapshot node::inside::health() const {
  const auto now = std::chrono::steady_clock::now();
  auto snapshot = health_snapshot{};
  snapshot.node = options.name;
  snapshot.version = version();
  snapshot.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(now - started);
  auto lock = std::scoped_lock{mutex};
  const auto ended = [](const auto& x) { return x->is_done() && !x->end().failed; };
  const auto ready = [&](const auto& x) { return x->is_ready() || ended(x); };
  snapshot.ready = std::all_of(pipelines.begin(), pipelines.end(), ready)
                   && !std::all_of(pipelines.begin(), pipelines.end(), ended);
  for (const auto& x : pipelines)
    x->append_health(snapshot.children, now);
  return snapshot;
}

door_answer node::inside::answer(std::string_view path) const {
  const auto snapshot = health();
  if (path == "/health")
    return {200, "application/json", to_json(snapshot)};
  if (path == "/healthz")
    return {200, "text/plain", "live\n"};
  if (path == "/readyz")
    return {
      snapshot.ready ? 200 : 503, "text/plain", snapshot.ready ? "ready\n" : to_text(snapshot)};
  return {404, "text/plain", "there are /health, /healthz and /readyz\n"};
}

node::node(node_options options) : inside_{std::make_unique<inside>(std::move(options))} {}

node::~node() {
  stop();
}

pipeline_builder node::pipeline(std::string name) {
  return {*this, std::move(name)};
}

health_snapshot node::health() const {
  return inside_->health();
}

std::string node::admin_path() const {
  return inside_->door ? inside_->door->path() : "";
}

stop_report node::stop(std::chrono::milliseconds deadline) {
  const auto due = std::chrono::steady_clock::now() + deadline;
  auto running = std::vector<std::shared_ptr<running_pipeline>>{};
  {
    auto lock = std::scoped_lock{inside_->mutex};
    if (inside_->stopped)
      return *inside_->stopped;
    inside_->stopping = true;
    running = inside_->pipelines;
  }
  for (const auto& x : running)
    x->request_stop();
  auto report = stop_report{};
  for (const auto& x : running) {
    if (!x->wait_until_done(due)) {
      x->abandon();
      x->wait_until_done(std::chrono::steady_clock::now() + grace);
    }
    auto end = x->end();
    std::move(end.abandoned.begin(), end.abandoned.end(), std::back_inserter(report.abandoned));
    report.undelivered += end.undelivered;
    report.text += (report.text.empty() ? "" : "\n") + x->name() + ": " + end.text;
    if (!x->is_done())
      report.abandoned.push_back(x->name() + " (its supervisor)");
  }
  report.clean = report.abandoned.empty();
  if (!report.clean)
    inside_->runtime.leave_behind();
  auto lock = std::scoped_lock{inside_->mutex};
  inside_->stopped = report;
  return report;
}

std::ostream& operator<<(std::ostream& out, const health_snapshot& health) {
  return out << to_text(health);
}

} // namespace actors
