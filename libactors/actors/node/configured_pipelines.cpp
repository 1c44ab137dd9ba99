#include "actors/node/configured_pipelines.hpp"

#include "actors/codec/shown_text.hpp"
#include "actors/core/child_name.hpp"
#include "actors/node/emitters.hpp"
#include "actors/node/node_inside.hpp"
#include "actors/os/user_path.hpp"
#include "actors/stages/debouncer.hpp"
#include "actors/stages/kind_filter.hpp"

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>
#include <variant>

namespace actors {

using namespace std::chrono_literals;

namespace {

using action = pipeline_change::action;

/// For files and addresses of a pipeline that has ended to be free: its threads let go of them when
/// they are scheduled.
constexpr auto free_patience = 2s;
constexpr auto free_interval = 10ms;

/// After the deadline: for those still there to be named and left behind.
constexpr auto abandon_patience = 1s;

/// Of a path in an answer: enough to know it again.
constexpr auto path_shown_max = std::size_t{1024};

/// What makes the child anew, as the pipeline has it.
using part = std::variant<factory<stage>, factory<sink>>;

result<part> make_part(
  const pipeline_config& config, const std::string& child, const emitter_place& where) {
  if (child == debouncer_name)
    return factory<stage>{
      [limits = config.debounce] { return std::make_unique<debouncer>(limits); }};
  if (child == filter_name)
    return factory<stage>{[only = config.only] { return std::make_unique<kind_filter>(only); }};
  for (const auto& emitter : config.emit)
    if (emitter.name == child) {
      auto made = make_emitter(emitter, where);
      if (!made)
        return tl::unexpected{made.error()};
      return std::move(*made);
    }
  return failure(errc::not_found, "there is no child " + child);
}

/// Tries again while something that has ended still holds what is needed.
result<pipeline> start_when_free(
  const std::function<result<pipeline>()>& start, std::chrono::milliseconds patience) {
  const auto due = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto started = start();
    if (started || started.error().code != errc::unavailable
        || std::chrono::steady_clock::now() > due)
      return started;
    std::this_thread::sleep_for(free_interval); // until the next try: nobody is told of a free file
  }
}

std::string done_text(const std::string& name, std::string_view what, const std::string& why) {
  return "pipeline " + name + ": " + std::string{what} + (why.empty() ? "" : ": " + why);
}

} // namespace

const configured_pipelines::member* configured_pipelines::find(const std::string& name) const {
  const auto at = std::find_if(
    members_.begin(), members_.end(), [&](const auto& x) { return x.config.name == name; });
  return at == members_.end() ? nullptr : &*at;
}

configured_pipelines::member* configured_pipelines::find(const std::string& name) {
  return const_cast<member*>(std::as_const(*this).find(name));
}

void configured_pipelines::look_at_what_is() {
  now_.pipelines.clear();
  for (const auto& each : members_)
    now_.pipelines.push_back(each.config);
}

/// What has ended by itself starts anew, whether it changed or not.
std::vector<pipeline_change> configured_pipelines::changes_to(const node_config& wanted) const {
  auto changes = difference(now_.pipelines, wanted.pipelines);
  for (auto& change : changes)
    for (const auto& each : members_)
      if (each.config.name == change.name && each.running.is_done()
          && (change.what == action::keep || change.what == action::adjust)) {
        change.what = action::restart;
        change.why = "it had ended: " + each.running.why();
      }
  return changes;
}

reload_report configured_pipelines::become(const node_config& wanted) {
  const auto turn = std::scoped_lock{mutex_};
  auto report = reload_report{};
  if (has_begun_) {
    for (const auto& key : keys_for_next_start(now_, wanted))
      report.done.push_back(key + ": changed; it counts from the next start of the program");
    if (auto done = owner_.reload_certificates(); !done)
      report.failed.push_back({done.error().code,
        "collect.tls: the certificates stay as they were: " + done.error().text});
  } else { // it stays what it was at the start
    now_.name = wanted.name;
    now_.admin = wanted.admin;
    now_.http = wanted.http;
    now_.collect = wanted.collect;
  }
  has_begun_ = true;
  collect(report);
  look_at_what_is();
  carry_out(wanted, changes_to(wanted), report);
  return report;
}

reload_report configured_pipelines::change(const root_change& what) {
  const auto turn = std::scoped_lock{mutex_};
  auto report = reload_report{};
  auto changed = with_change(what);
  if (!changed) {
    report.failed.push_back(changed.error());
    carry_out({}, {}, report);
    return report;
  }
  look_at_what_is();
  auto wanted = now_;
  for (auto& each : wanted.pipelines)
    if (each.name == what.pipeline)
      each = *changed;
  auto changes = changes_to(wanted);
  std::erase_if(changes, [&](const auto& x) { return x.name != what.pipeline; });
  carry_out(wanted, changes, report);
  for (auto& each : report.failed)
    if (each.code == errc::not_found) // there is the pipeline; something that it needs is not
      each.code = errc::unavailable;
  return report;
}

result<pipeline_config> configured_pipelines::changed_by(const root_change& what) {
  const auto turn = std::scoped_lock{mutex_};
  return with_change(what);
}

result<pipeline_config> configured_pipelines::with_change(const root_change& what) const {
  const auto no = [&](const std::string& why) {
    return failure(errc::invalid_argument, "pipeline " + what.pipeline + ": " + why);
  };
  const auto* which = find(what.pipeline);
  if (which == nullptr) {
    for (const auto& x : owner_.inside_->all())
      if (x->name() == what.pipeline)
        return no("it comes of no configuration: what it watches was given to the program that "
                  "started it");
    return failure(errc::not_found, "there is no pipeline " + what.pipeline);
  }
  if (!what.path.starts_with('/') || what.path.find('\0') != std::string::npos)
    return no("\"" + shown_text(what.path, path_shown_max)
              + "\" is no absolute path, and the node has a directory of its own");
  auto config = which->config;
  if (config.paths.empty())
    return no("it watches no path");
  const auto path = absolute_path(what.path);
  const auto shown = shown_text(path, path_shown_max);
  const auto found = std::find_if(config.paths.begin(), config.paths.end(),
    [&](const auto& x) { return absolute_path(x) == path; });
  const auto is_watched = found != config.paths.end();
  if (what.what == root_change::action::watch) {
    if (is_watched)
      return no("it watches " + shown + " already");
    if (const auto fine = check_path(path); !fine && !config.watch.wait_for_path)
      return no(fine.error().text);
    if (!config.watch.state_file.empty())
      return no("its state file " + config.watch.state_file
                + " is of one root; make a pipeline of its own for another");
    config.paths.push_back(path);
    return config;
  }
  if (!is_watched)
    return no("it does not watch " + shown);
  if (config.paths.size() == 1)
    return no(shown + " is the last path it watches; take the pipeline out of the configuration");
  config.paths.erase(found);
  return config;
}

void configured_pipelines::carry_out(
  const node_config& wanted, const std::vector<pipeline_change>& changes, reload_report& report) {
  stop(changes, report);
  for (const auto& pipeline : wanted.pipelines)
    for (const auto& change : changes) {
      if (change.name != pipeline.name)
        continue;
      auto* running = find(pipeline.name);
      if (change.what == action::adjust && running != nullptr)
        adjust(*running, pipeline, change, report);
      else if (change.what == action::keep && running != nullptr)
        running->config = pipeline;
      else if (running == nullptr)
        start(pipeline, change, report);
    }
  stopped_.clear();
  for (const auto& each : members_)
    report.pipelines.push_back(each.running);
  if (collector_)
    report.pipelines.push_back(*collector_);
}

/// Once; and again when it has ended by itself.
void configured_pipelines::collect(reload_report& report) {
  if (!now_.collect || (collector_ && !collector_->is_done()))
    return;
  const auto why = collector_ ? "it had ended: " + collector_->why() : "it is new";
  const auto name = std::string{collect_config::name};
  const auto patience = collector_ ? free_patience : 0s;
  collector_.reset();
  owner_.inside_->forget(name); // what it holds (its address) is free when it is gone
  auto started = start_when_free(
    [&] { return owner_.collect(now_.collect->options, now_.collect->emit, name); }, patience);
  if (!started)
    return report.failed.push_back({started.error().code, "collect: " + started.error().text});
  report.done.push_back(done_text(name, "started", why));
  report.started.push_back(*started);
  collector_ = *started;
}

void configured_pipelines::stop(
  const std::vector<pipeline_change>& changes, reload_report& report) {
  auto leaving = std::vector<std::pair<std::string, std::string>>{}; // name, what is said of it
  for (const auto& change : changes) {
    if (change.what != action::stop && change.what != action::restart)
      continue;
    find(change.name)->running.request_stop(); // all of them drain at the same time
    leaving.emplace_back(change.name,
      change.what == action::stop ? done_text(change.name, "stopped", change.why) : "");
  }
  for (const auto& [name, text] : leaving) {
    auto* which = find(name);
    const auto& deadlines = which->config.supervise.group;
    if (!ends_within(which->running, deadlines.total_deadline)) {
      report.failed.push_back({errc::timed_out,
        "pipeline " + name + ": it did not stop, and stays: " + which->running.why()});
      continue;
    }
    if (!text.empty())
      report.done.push_back(text);
    if (const auto why = which->running.why(); why != "stopped")
      report.done.push_back("pipeline " + name + ": before, " + why); // what was lost, and whom
    stopped_.push_back(which->config);
    members_.erase(members_.begin() + (which - members_.data()));
    owner_.inside_->forget(name); // what it holds (state files, sockets) is free when it is gone
  }
}

bool configured_pipelines::ends_within(const pipeline& which, std::chrono::milliseconds deadline) {
  const auto& running = which.running_;
  if (!running->wait_until_done(std::chrono::steady_clock::now() + deadline)) {
    running->abandon();
    running->wait_until_done(std::chrono::steady_clock::now() + abandon_patience);
  }
  return running->is_done();
}

emitter_place configured_pipelines::place_of(const member& which) const {
  auto where = owner_.inside_->place_of(which.config.name, which.running.running_->spec().run);
  auto roots = std::vector<std::string>{};
  for (const auto& path : which.config.paths)
    roots.push_back(absolute_path(path));
  where.roots = std::make_shared<const std::vector<std::string>>(std::move(roots));
  return where;
}

void configured_pipelines::adjust(member& which, const pipeline_config& wanted,
  const pipeline_change& change, reload_report& report) {
  const auto fail = [&](const error& why) {
    report.failed.push_back({why.code, "pipeline " + change.name + ": " + why.text});
  };
  auto parts = std::vector<part>{};
  for (const auto& child : change.children) { // all or none
    auto made = make_part(wanted, child, place_of(which));
    if (!made)
      return fail(made.error());
    parts.push_back(std::move(*made));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto replaced = std::visit(
      [&](auto& make) { return which.running.replace(change.children[i], std::move(make)); },
      parts[i]);
    if (!replaced)
      return fail(replaced.error());
  }
  which.config = wanted;
  report.done.push_back(done_text(change.name, "adjusted", change.why));
}

void configured_pipelines::start(
  const pipeline_config& wanted, const pipeline_change& change, reload_report& report) {
  auto started =
    start_when_free([&] { return owner_.start(wanted); }, stopped_.empty() ? 0s : free_patience);
  const auto is_restart = change.what == action::restart;
  if (started) {
    report.done.push_back(done_text(change.name, is_restart ? "restarted" : "started", change.why));
    report.started.push_back(*started);
    members_.push_back({wanted, std::move(*started)});
    return;
  }
  auto text = "pipeline " + change.name + ": " + started.error().text;
  const auto before = std::find_if(
    stopped_.begin(), stopped_.end(), [&](const auto& x) { return x.name == change.name; });
  if (before != stopped_.end()) {
    auto again =
      start_when_free([&] { return owner_.start(*before); }, stopped_.empty() ? 0s : free_patience);
    text += again ? "; it runs on as it was" : "; nor does it start as it was";
    if (again) {
      report.started.push_back(*again);
      members_.push_back({*before, std::move(*again)});
    }
  }
  report.failed.push_back({started.error().code, std::move(text)});
}

} // namespace actors
