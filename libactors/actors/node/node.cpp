#include "actors/node/node.hpp"

#include "actors/codec/health_text.hpp"
#include "actors/core/wildcards.hpp"
#include "actors/node/door_routes.hpp"
#include "actors/node/idle_source.hpp"
#include "actors/node/names.hpp"
#include "actors/node/node_inside.hpp"
#include "actors/stages/sequencer.hpp"

#include <algorithm>
#include <iterator>
#include <ostream>
#include <system_error>
#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// After the deadline: for the abandoned to be named and the report to be written.
constexpr auto grace = 1s;

/// Ended pipelines that are still shown: enough to see what happened, and a bound for hosts that
/// start thousands, each under a name of its own.
constexpr auto ended_max = 64;

} // namespace

std::string_view version() noexcept {
  return ACTORS_VERSION;
}

node::inside::inside(node_options with, node& owner, const actor_host* host)
  : options{std::move(with)}, out{options.log
                                    ? options.log
                                    : standard_error_log(log_level::warning, log_format::text)},
    runtime{host != nullptr ? engine{host->system(), engine::supervisors::own_thread} : engine{}},
    network{std::make_shared<node_network>(
      [this](const door_request& what) { return routes.answer(what); })},
    routes{owner, network, {options.on_reload, options.on_stop, options.on_root_change}} {
  auto plan = fault_plan::parse(options.faults);
  if (plan)
    faults = std::move(*plan);
  else
    faults_error = plan.error();
}

std::vector<std::shared_ptr<running_pipeline>> node::inside::all() const {
  const auto held = std::scoped_lock{mutex};
  return pipelines;
}

health_snapshot node::inside::health(const health_page& page) const {
  const auto now = std::chrono::steady_clock::now();
  auto snapshot = health_snapshot{};
  snapshot.node = options.name;
  snapshot.version = version();
  snapshot.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(now - started);
  snapshot.doors = addresses();
  snapshot.totals.losses = out.dead_letters->counts();
  snapshot.links = network->links(now);
  if (page.after.empty()) {
    snapshot.peers = network->peers(now);
    const auto shown = std::min(snapshot.peers.size(), page.rows_max);
    snapshot.peers_left_out = snapshot.peers.size() - shown;
    snapshot.peers.resize(shown);
    snapshot.collectors = network->collectors();
  }
  const auto running = all();
  const auto ended = [](const auto& x) { return x->is_done() && !x->end().failed; };
  const auto ready = [&](const auto& x) { return x->is_ready(now) || ended(x); };
  snapshot.ready = std::all_of(running.begin(), running.end(), ready)
                   && !std::all_of(running.begin(), running.end(), ended);
  const auto last_pipeline = page.after.substr(0, page.after.find('/'));
  auto is_after = std::none_of(running.begin(), running.end(), // also when it has gone: begin anew
    [&](const auto& x) { return x->name() == last_pipeline; });
  for (const auto& x : running) {
    snapshot.live &= x->is_live(now);
    x->add_totals(snapshot.totals);
    const auto is_last = !is_after && x->name() == last_pipeline;
    if (is_after || is_last)
      snapshot.has_more |=
        x->append_health(snapshot.children, now, is_last ? page.after : "", page.rows_max);
    is_after |= is_last;
  }
  return snapshot;
}

std::vector<std::string> node::inside::addresses() const {
  const auto held = std::scoped_lock{mutex};
  auto all = std::vector<std::string>{};
  for (const auto& x : doors)
    all.push_back(x->address());
  return all;
}

bool node::inside::ping(std::chrono::milliseconds within) const {
  const auto due = std::chrono::steady_clock::now() + within;
  const auto running = all();
  return std::all_of(running.begin(), running.end(), [&](const auto& x) {
    return x->is_done() || x->order({command_verb::ping, {}, {}, {}}, due) || x->is_done();
  });
}

/// An ended pipeline gives its name free; the last few of the others stay in health.
void node::inside::forget_ended(std::string_view name) {
  for (const auto& x : pipelines)
    if (x->is_done() && !x->end().abandoned.empty())
      has_left_behind = true; // it may run until the end, though nobody remembers its name
  auto ended =
    std::count_if(pipelines.begin(), pipelines.end(), [](const auto& x) { return x->is_done(); });
  std::erase_if(pipelines,
    [&](const auto& x) { return x->is_done() && (x->name() == name || ended-- > ended_max); });
}

void node::inside::forget(std::string_view name) {
  const auto held = std::scoped_lock{mutex};
  forget_ended(name);
}

result<std::shared_ptr<running_pipeline>> node::inside::start(pipeline_spec spec) {
  const auto held = std::scoped_lock{mutex};
  if (stopping)
    return failure(errc::closed, "the node has stopped");
  forget_ended(spec.name);
  for (const auto& x : pipelines)
    if (x->name() == spec.name)
      return failure(
        errc::invalid_argument, "pipeline \"" + spec.name + "\": there is one of that name");
  try {
    pipelines.push_back(runtime.start(std::move(spec), out));
  } catch (const std::system_error& x) {
    return failure(errc::limit_reached, std::string{"starting a supervisor: "} + x.what());
  }
  return pipelines.back();
}

node::node(node_options options) : node{std::move(options), nullptr} {}

node::node(node_options options, const actor_host* host)
  : inside_{std::make_unique<inside>(std::move(options), *this, host)} {
  inside_->configured = std::make_unique<configured_pipelines>(*this);
  inside_->open_doors();
}

node::~node() {
  stop();
  auto closing = std::vector<std::unique_ptr<http_door>>{};
  {
    const auto held = std::scoped_lock{inside_->mutex};
    closing.swap(inside_->doors);
  }                        // their threads ask this node
  inside_->network->end(); // so do its own
}

void node::inside::open_doors() {
  const auto open = [&](std::string_view closed, result<std::unique_ptr<http_door>> door) {
    if (!door)
      return out.log({log_level::error, std::string{closed}, {{"reason", door.error().text}}});
    out.log({log_level::info, "door_open", {{"address", (*door)->address()}}});
    const auto held = std::scoped_lock{mutex};
    doors.push_back(std::move(*door));
  };
  const auto ask = [this](const door_request& what) { return routes.answer(what); };
  if (!options.admin.empty())
    open("admin_door_closed", http_door::open_unix(options.admin, ask));
  if (!options.http.listen.empty())
    open("http_door_closed", http_door::open_port(options.http, ask));
}

pipeline_builder node::pipeline(std::string name) {
  return {*this, std::move(name)};
}

result<pipeline> node::start(const pipeline_config& what) {
  auto builder = pipeline(what.name);
  for (const auto& path : what.paths)
    builder.watch(path, what.watch);
  builder.debounce(what.debounce).only(what.only).mailboxes(what.mailbox).supervise(what.supervise);
  for (const auto& emitter : what.emit)
    builder.emit(emitter);
  return builder.start();
}

result<pipeline> node::link(const std::string& name, const link_options& to) {
  return pipeline(name)
    .source("idle", [] { return std::make_unique<idle_source>(); })
    .stage("feed", [] { return std::make_unique<sequencer>(); })
    .emit(emitter_options{.name = "link", .to = to})
    .start();
}

result<pipeline> node::collect(
  const collect_options& options, std::vector<emitter_options> emit, const std::string& name) {
  auto builder = pipeline(name);
  builder.collect(options);
  for (auto& each : emit)
    builder.emit(std::move(each));
  return builder.start();
}

reload_report node::reload(const node_config& wanted) {
  return inside_->configured->become(wanted);
}

result<void> node::reload_certificates() {
  return inside_->network->reload_certificates(inside_->out.log);
}

reload_report node::change_root(const root_change& what) {
  return inside_->configured->change(what);
}

result<pipeline_config> node::with_root_changed(const root_change& what) const {
  return inside_->configured->changed_by(what);
}

result<pool> node::pool(std::string name, worker_maker make, pool_options options) {
  auto mistakes = std::string{};
  if (!is_name(name))
    mistakes = "pool \"" + name + "\": " + name_rule;
  if (!make)
    mistakes +=
      std::string{mistakes.empty() ? "" : "\n"} + "pool \"" + name + "\": there is no factory";
  const auto each = child_rules{
    .id = "*", .restart = options.restart, .required = false, .hang_after = options.hang_after};
  auto wrong = mistakes_in(options.group, {each});
  if (options.mailbox.messages_max == 0 || options.mailbox.bytes_max == 0)
    wrong.emplace_back("mailbox: messages_max and bytes_max must be at least 1");
  for (const auto& text : wrong)
    mistakes += std::string{mistakes.empty() ? "" : "\n"} + "pool \"" + name + "\": " + text;
  if (!mistakes.empty())
    return failure(errc::invalid_argument, std::move(mistakes));
  auto member = child_spec{};
  member.rules.id = pool_member;
  member.mailbox = options.mailbox;
  member.make = pool_spec{options.group, {options.children_max}, each, std::move(make)};
  auto running = inside_->start({std::move(name), {}, {std::move(member)}});
  if (!running)
    return tl::unexpected{running.error()};
  return actors::pool{actors::pipeline{std::move(*running)}};
}

health_snapshot node::health(const health_page& page) const {
  return inside_->health(page);
}

bool node::ping(std::chrono::milliseconds within) const {
  return inside_->ping(within);
}

journal<transition>::page node::events(
  std::uint64_t after, std::size_t max, std::chrono::milliseconds within) const {
  return inside_->out.transitions->read(after, max, std::chrono::steady_clock::now() + within);
}

journal<dead_letter>::page node::dead_letters(std::uint64_t after, std::size_t max) const {
  return inside_->out.dead_letters->read(after, max);
}

result<tap> node::tap(const std::string& edges) const {
  if (edges.empty() || !wildcards_are_whole(edges))
    return failure(
      errc::invalid_argument, "\"" + edges + "\" can match nothing (see gitignore(5))");
  auto opened = inside_->out.taps->open(edges);
  if (!opened)
    return failure(errc::full, std::to_string(tap_board::taps_max) + " taps are open already");
  return actors::tap{std::move(opened)};
}

result<void> node::reset(const std::string& child, std::chrono::milliseconds within) {
  const auto due = std::chrono::steady_clock::now() + within;
  const auto pipeline = child.substr(0, child.find('/'));
  for (const auto& x : inside_->all())
    if (x->name() == pipeline)
      return x->order({command_verb::reset, child, {}, {}}, due);
  return failure(errc::not_found, "there is no pipeline " + pipeline);
}

std::map<std::string, std::uint64_t, std::less<>> node::overflows() const {
  return inside_->out.overflows->get();
}

std::vector<std::string> node::doors() const {
  return inside_->addresses();
}

std::string node::admin_path() const {
  for (const auto& x : inside_->addresses())
    if (x.starts_with("unix:"))
      return x.substr(5);
  return "";
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
  if (!report.clean || inside_->has_left_behind)
    inside_->runtime.leave_behind();
  auto lock = std::scoped_lock{inside_->mutex};
  inside_->stopped = report;
  return report;
}

std::ostream& operator<<(std::ostream& out, const health_snapshot& health) {
  return out << to_text(health);
}

} // namespace actors
