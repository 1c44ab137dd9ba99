#include "actors/node/pipeline.hpp"

#include "actors/core/child_name.hpp"
#include "actors/node/batch_inbox.hpp"
#include "actors/node/collection.hpp"
#include "actors/node/emitters.hpp"
#include "actors/node/node_inside.hpp"
#include "actors/node/pipeline_plan.hpp"
#include "actors/node/relay.hpp"
#include "actors/os/source_ladder.hpp"
#include "actors/os/user_path.hpp"
#include "actors/sinks/callback_sink.hpp"
#include "actors/sinks/inbox_sink.hpp"
#include "actors/stages/debouncer.hpp"
#include "actors/stages/kind_filter.hpp"
#include "actors/watch/roots.hpp"
#include "actors/watch/state_file.hpp"
#include "actors/watch/watcher.hpp"

#include <algorithm>
#include <utility>

namespace actors {

namespace {

time_point from_now(std::chrono::milliseconds span) {
  return std::chrono::steady_clock::now() + span;
}

} // namespace

// -- a pipeline that runs -------------------------------------------------------------------------

const std::string& pipeline::name() const {
  return running_->name();
}
bool pipeline::is_ready() const {
  return running_->is_ready(std::chrono::steady_clock::now());
}
bool pipeline::is_done() const {
  return running_->is_done();
}
bool pipeline::has_failed() const {
  return running_->end().failed;
}
std::string pipeline::why() const {
  return running_->end().text;
}
result<void> pipeline::push(
  const std::string& child, const event_batch& what, std::chrono::milliseconds within) {
  return running_->push(id_of(child), what, from_now(within));
}
result<event_batch> pipeline::ask(
  const std::string& child, const event_batch& question, std::chrono::milliseconds within) {
  return running_->ask(id_of(child), question, from_now(within));
}
result<void> pipeline::reset(const std::string& child, std::chrono::milliseconds within) {
  return order(command_verb::reset, child, {}, within);
}
result<void> pipeline::replace(
  const std::string& child, factory<actors::stage> make, std::chrono::milliseconds within) {
  return running_->order(
    {command_verb::replace, id_of(child), {}, {}, std::move(make)}, from_now(within));
}
result<void> pipeline::replace(
  const std::string& child, factory<actors::sink> make, std::chrono::milliseconds within) {
  return running_->order(
    {command_verb::replace, id_of(child), {}, {}, std::move(make)}, from_now(within));
}
result<void> pipeline::order(command_verb what, const std::string& child,
  std::vector<worker> workers, std::chrono::milliseconds within) {
  return running_->order({what, id_of(child), std::move(workers), {}}, from_now(within));
}
void pipeline::request_stop() {
  running_->request_stop();
}
void pipeline::on_done(std::function<void()> call) {
  running_->on_done(std::move(call));
}

// -- its description ------------------------------------------------------------------------------

pipeline_builder::pipeline_builder(node& owner, std::string name)
  : plan_{new plan{owner, std::move(name), random_stream_id()}} {}

pipeline_builder::pipeline_builder(pipeline_builder&&) noexcept = default;
pipeline_builder::~pipeline_builder() = default;

void pipeline_builder::complain(errc code, std::string text) {
  plan_->mistakes.push_back({code, std::move(text)});
}

pipeline_builder& pipeline_builder::watch(std::string path, watch_options options) {
  options.path = absolute_path(path);
  if (auto usable = check_root(options); !usable)
    complain(usable.error().code, usable.error().text);
  if (options.poll_interval < std::chrono::milliseconds{1})
    complain(errc::invalid_argument, "watch: poll_interval must be at least 1ms");
  if (options.depth_max == 0 || options.entries_max == 0)
    complain(errc::invalid_argument, "watch: depth_max and entries_max must be at least 1");
  auto name = watcher_name(plan_->roots.size());
  auto state = remember(options);
  plan_->roots.emplace_back(name, options);
  plan_->root_paths->push_back(options.path);
  // Kept by the slot: the factory lives as long as it does. It is used after the start.
  auto told = std::make_shared<told_tree>(options.path);
  auto with = plan_->watched.emplace_back(std::make_shared<watch_options>(options));
  return source(std::move(name), [with, told, state](succession how) mutable {
    if (how == succession::after_hang)
      told = std::make_shared<told_tree>(with->path, *told);
    return std::make_unique<watcher>(*with, told, source_ladder::open, state);
  });
}

namespace {

/// The pattern that matches that path of the tree and nothing else, gitignore(5).
std::string pattern_of(std::string_view path) {
  auto pattern = std::string{"/"};
  for (const auto each : path) {
    if (std::string_view{"*?[]\\!# "}.find(each) != std::string_view::npos)
      pattern.push_back('\\');
    pattern.push_back(each);
  }
  return pattern;
}

/// Our own file, if it lies in the tree, is not told. Requires an absolute path.
void leave_out(watch_options& options, const std::string& file) {
  const auto root = real_path(options.path);
  const auto slash = file.rfind('/');
  const auto where = real_path(file.substr(0, slash == 0 ? 1 : slash));
  const auto above = root == "/" ? root : root + "/";
  const auto path = (where == "/" ? "" : where) + file.substr(slash);
  if (root.empty() || where.empty() || !path.starts_with(above))
    return;
  options.ignore.push_back(pattern_of(path.substr(above.size())));
}

/// Each image would make the next one due.
void leave_out_state(watch_options& options) {
  for (const auto* kind : {"", ".tmp", ".told", ".told.old", ".bad"})
    leave_out(options, options.state_file + kind);
}

} // namespace

std::shared_ptr<state_file> pipeline_builder::remember(watch_options& options) {
  if (options.state_file.empty())
    return nullptr;
  options.state_file = absolute_path(options.state_file);
  for (const auto& [name, other] : plan_->roots)
    if (other.state_file == options.state_file) {
      complain(errc::invalid_argument, "state file " + options.state_file
                                         + ": it is of one root, not of " + other.path + " and "
                                         + options.path + "; give each a file of its own");
      return nullptr;
    }
  leave_out_state(options);
  if (!plan_->mistakes.empty())
    return nullptr; // it will not start, so nothing is touched
  const auto tell = [log = plan_->owner.inside_->out.log](const std::string& why) {
    log({log_level::warning, "state_not_written", {{"reason", why}}});
  };
  auto state = state_file::open(
    options.state_file, options.path, static_cast<std::uint32_t>(plan_->states.size()), tell);
  if (!state) {
    complain(state.error().code, state.error().text);
    return nullptr;
  }
  plan_->states.push_back(*state);
  return *state;
}

/// Each change is told once, though a root may be named twice, or lie in another.
void pipeline_builder::leave_out_covered_roots() {
  auto& roots = plan_->roots;
  for (std::size_t i = 0; i < roots.size(); ++i)
    for (std::size_t k = 0; k < roots.size(); ++k) {
      const auto is_same = roots[i].second.path == roots[k].second.path;
      if (i == k || (is_same && k > i) || !covers(roots[k].second, roots[i].second))
        continue;
      plan_->owner.inside_->out.log({log_level::warning, "root_left_out",
        {{"root", roots[i].second.path}, {"told_by", roots[k].second.path}}});
      if (const auto& progress = roots[i].second.progress)
        --progress->roots_to_read;
      std::erase_if(plan_->sources, [&](const auto& x) { return x.name == roots[i].first; });
      break;
    }
}

pipeline_builder& pipeline_builder::debounce(debounce_limits limits) {
  if (limits.quiet.count() == 0)
    return *this;
  if (limits.quiet.count() < 0 || limits.hold_max < limits.quiet)
    complain(errc::invalid_argument, "debounce: quiet must be from 0 to hold_max");
  if (limits.paths_max == 0)
    complain(errc::invalid_argument, "debounce: paths_max must be at least 1");
  return stage(debouncer_name, [limits] { return std::make_unique<debouncer>(limits); });
}

pipeline_builder& pipeline_builder::only(change_kinds wanted) {
  if (wanted == change_kinds::all())
    return *this;
  if (wanted.empty())
    complain(errc::invalid_argument, "only: no kind of change is wanted");
  return stage(filter_name, [wanted] { return std::make_unique<kind_filter>(wanted); });
}

pipeline_builder& pipeline_builder::emit(
  std::string child, std::function<void(const event_batch&)> deliver) {
  if (!deliver)
    complain(errc::invalid_argument, child + ": there is no function to deliver to");
  return sink(std::move(child), [deliver] { return std::make_unique<callback_sink>(deliver); });
}

pipeline_builder& pipeline_builder::emit(std::string child, batch_inbox& inbox) {
  plan_->inboxes.push_back(inbox.store_);
  return sink(
    std::move(child), [store = inbox.store_] { return std::make_unique<inbox_sink>(store); });
}

pipeline_builder& pipeline_builder::emit(emitter_options what) {
  if (what.spool && plan_->collects) {
    complain(errc::invalid_argument, what.name + ": spool: a collector's store is one already");
    return *this;
  }
  if (what.spool)
    return emit_over_spool(std::move(what));
  auto make = make_emitter(what, place());
  if (!make) {
    complain(make.error().code, what.name + ": " + make.error().text);
    return *this;
  }
  if (what.mailbox)
    mailbox(what.name, *what.mailbox);
  if (std::holds_alternative<stdout_sink_options>(what.to))
    plan_->tell_news.insert(what.name);
  return sink(std::move(what.name), std::move(*make));
}

emitter_place pipeline_builder::place() const {
  auto where = plan_->owner.inside_->place_of(plan_->name, plan_->run);
  where.roots = plan_->root_paths;
  return where;
}

pipeline_builder& pipeline_builder::collect(collect_options options) {
  const auto& owner = *plan_->owner.inside_;
  if (std::exchange(plan_->collects, true))
    complain(errc::invalid_argument, "collect: a pipeline collects once");
  if (!plan_->mistakes.empty())
    return *this; // it will not start, so nothing is touched
  auto made = make_collection(options, owner.options.name, *owner.network, owner.out.log);
  if (made)
    plan_->gathered = plan::gathering{{"acceptor", std::move(made->acceptor)},
      {"receiver", std::move(made->receiver)}, std::move(made->archive)};
  else
    complain(made.error().code, made.error().text);
  return *this;
}

pipeline_builder& pipeline_builder::emit_over_spool(emitter_options what) {
  if (!what.spool->path.empty())
    what.spool->path = absolute_path(what.spool->path);
  for (const auto& each : plan_->spools)
    if (each == what.spool->path) {
      complain(errc::invalid_argument,
        what.name + ": spool " + each + " is another emitter's; give each a file of its own");
      return *this;
    }
  if (!plan_->mistakes.empty())
    return *this; // it will not start, so nothing is touched
  auto made = make_relay(what, place());
  if (!made) {
    complain(made.error().code, what.name + ": " + made.error().text);
    return *this;
  }
  const auto writer = spool_writer_name(what.name);
  if (what.mailbox)
    mailbox(writer, *what.mailbox);
  mailbox(what.name, relay_mailbox);
  plan_->spools.push_back(what.spool->path);
  plan_->relays.push_back({plan::part{writer, std::move(made->writer)},
    {store_reader_name(what.name), std::move(made->reader)},
    {what.name, std::move(made->deliverer)}, std::move(made->outbox)});
  return *this;
}

/// Each change of a spool that was told would be another one.
void pipeline_builder::leave_out_spools() {
  for (const auto& spool : plan_->spools)
    for (const auto& file : spool_files(spool))
      for (const auto& options : plan_->watched)
        leave_out(*options, file);
}

pipeline_builder& pipeline_builder::source(std::string child, factory<actors::source> make) {
  plan_->sources.push_back({std::move(child), std::move(make)});
  return *this;
}

pipeline_builder& pipeline_builder::stage(std::string child, factory<actors::stage> make) {
  plan_->stages.push_back({std::move(child), std::move(make)});
  return *this;
}

pipeline_builder& pipeline_builder::sink(std::string child, factory<actors::sink> make) {
  plan_->sinks.push_back({std::move(child), std::move(make)});
  return *this;
}

pipeline_builder& pipeline_builder::group(
  std::string name, std::vector<std::string> children, supervision_rules rules) {
  for (const auto& text : mistakes_in(rules, {}))
    complain(errc::invalid_argument, "group \"" + name + "\": " + text);
  plan_->groups.push_back({std::move(name), std::move(children), rules});
  return *this;
}

pipeline_builder& pipeline_builder::mailboxes(mailbox_limits limits) {
  if (limits.messages_max == 0 || limits.bytes_max == 0)
    complain(errc::invalid_argument, "mailboxes: messages_max and bytes_max must be at least 1");
  plan_->mailboxes = limits;
  return *this;
}

pipeline_builder& pipeline_builder::mailbox(std::string child, mailbox_limits limits) {
  if (limits.messages_max == 0 || limits.bytes_max == 0)
    complain(errc::invalid_argument,
      "mailbox of \"" + child + "\": messages_max and bytes_max must be at least 1");
  plan_->mailbox[std::move(child)] = limits;
  return *this;
}

pipeline_builder& pipeline_builder::supervise(supervise_options options) {
  const auto each =
    child_rules{.id = "*", .restart = options.restart, .hang_after = options.hang_after};
  for (const auto& text : mistakes_in(options.group, {each}))
    complain(errc::invalid_argument, "supervise: " + text);
  plan_->supervise = options;
  return *this;
}

/// Each sink of what is gathered has a reader of its own.
result<void> pipeline_builder::feed_from_archive() {
  auto& given = *plan_;
  const auto& archive = given.gathered->archive;
  for (auto& each : std::exchange(given.sinks, {})) {
    using begin = event_archive::begin_at;
    const auto where = given.tell_news.count(each.name) != 0 ? begin::last : begin::first;
    auto feed = make_feed(archive, each.name, where, given.owner.inside_->out.log);
    if (!feed)
      return tl::unexpected{feed.error()};
    auto reader = plan::part{store_reader_name(each.name), std::move(feed->reader)};
    given.relays.push_back(
      {std::nullopt, std::move(reader), std::move(each), std::move(feed->cursor)});
  }
  given.sources = {std::move(given.gathered->acceptor), std::move(given.gathered->receiver)};
  return {};
}

result<pipeline> pipeline_builder::start() {
  auto& given = *plan_;
  given.check();
  if (!given.mistakes.empty()) {
    auto text = std::string{};
    for (const auto& x : given.mistakes)
      text += (text.empty() ? "" : "\n") + x.text;
    return failure(given.mistakes.front().code, std::move(text));
  }
  if (given.gathered)
    if (auto done = feed_from_archive(); !done)
      return tl::unexpected{done.error()};
  leave_out_covered_roots();
  leave_out_spools();
  for (const auto& x : given.inboxes)
    x->add_feeder();
  auto running = given.owner.inside_->start(given.spec(given.owner.inside_->faults));
  const auto let_go = [inboxes = given.inboxes] {
    for (const auto& x : inboxes)
      x->remove_feeder();
  };
  if (!running) {
    let_go();
    return tl::unexpected{running.error()};
  }
  if (!given.inboxes.empty())
    (*running)->on_done(let_go);
  return pipeline{std::move(*running)};
}

} // namespace actors
