#include "actors/node/pipeline.hpp"

#include "actors/node/names.hpp"
#include "actors/node/node_inside.hpp"
#include "actors/os/source_ladder.hpp"
#include "actors/os/user_path.hpp"
#include "actors/sinks/callback_sink.hpp"
#include "actors/stages/debouncer.hpp"
#include "actors/stages/kind_filter.hpp"
#include "actors/stages/sequencer.hpp"
#include "actors/watch/roots.hpp"
#include "actors/watch/state_file.hpp"
#include "actors/watch/watcher.hpp"

#include <algorithm>
#include <map>
#include <set>
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

struct pipeline_builder::plan {
  struct part {
    std::string name;
    std::variant<stage_factory, source_factory, sink_factory> make;
  };

  struct nest {
    std::string name;
    std::vector<std::string> children;
    supervision_rules rules;
  };

  node& owner;
  std::string name;
  std::vector<part> sources;
  std::vector<std::pair<std::string, watch_options>> roots; ///< of those that watch, by child
  std::vector<part> stages;                                 ///< in the order of the flow
  std::vector<part> sinks;
  std::vector<nest> groups;
  std::vector<std::shared_ptr<state_file>> states; ///< of those roots that are remembered
  mailbox_limits mailboxes;
  std::map<std::string, mailbox_limits> mailbox; ///< of single children
  supervise_options supervise;
  std::vector<error> mistakes;

  const nest* group_of(const std::string& child) const {
    for (const auto& x : groups)
      if (std::find(x.children.begin(), x.children.end(), child) != x.children.end())
        return &x;
    return nullptr;
  }
};

pipeline_builder::pipeline_builder(node& owner, std::string name)
  : plan_{new plan{owner, std::move(name), {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}} {}

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
  auto name = std::string{"watcher"};
  if (const auto count = plan_->roots.size(); count != 0)
    name += "-" + std::to_string(count + 1);
  auto state = remember(options);
  plan_->roots.emplace_back(name, options);
  // Kept by the slot: the factory lives as long as it does.
  auto told = std::make_shared<told_tree>(options.path);
  return source(std::move(name), [options, told, state](succession how) mutable {
    if (how == succession::after_hang)
      told = std::make_shared<told_tree>(options.path, *told);
    return std::make_unique<watcher>(options, told, source_ladder::open, state);
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

/// State files that lie in the tree are not told: each image would make the next one due.
void leave_out_state(watch_options& options) {
  const auto root = real_path(options.path);
  const auto slash = options.state_file.rfind('/');
  const auto where = real_path(options.state_file.substr(0, slash == 0 ? 1 : slash));
  const auto above = root == "/" ? root : root + "/";
  const auto path = (where == "/" ? "" : where) + options.state_file.substr(slash);
  if (root.empty() || where.empty() || !path.starts_with(above))
    return;
  for (const auto* kind : {"", ".tmp", ".told", ".told.old", ".bad"})
    options.ignore.push_back(pattern_of(path.substr(above.size()) + kind));
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
  return stage("debouncer", [limits] { return std::make_unique<debouncer>(limits); });
}

pipeline_builder& pipeline_builder::only(change_kinds wanted) {
  if (wanted == change_kinds::all())
    return *this;
  if (wanted.empty())
    complain(errc::invalid_argument, "only: no kind of change is wanted");
  return stage("filter", [wanted] { return std::make_unique<kind_filter>(wanted); });
}

pipeline_builder& pipeline_builder::emit(
  std::string child, std::function<void(const event_batch&)> deliver) {
  if (!deliver)
    complain(errc::invalid_argument, child + ": there is no function to deliver to");
  return sink(std::move(child), [deliver] { return std::make_unique<callback_sink>(deliver); });
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

// -- from the description to the children ---------------------------------------------------------

namespace {

/// The factory whose products fail as planned.
template <class T>
factory<T> faulty(factory<T> make, const fault_plan& plan, const std::string& child) {
  if (plan.is_empty())
    return make;
  return [make, plan, child](succession how) { return plan.wrap(child, make(how)); };
}

/// When that member ends by itself, and not by a crash, so do the group it is in and the pipeline.
void make_significant(pipeline_spec& spec, std::size_t place) {
  auto& member = spec.children[place];
  const auto& rules = member.group
                        ? std::get<group_spec>(spec.children[*member.group].make).supervision
                        : spec.supervision;
  member.rules.significant = rules.ends_with != auto_shutdown::never;
  member.rules.restart.type = restart_type::transient;
  if (member.group)
    make_significant(spec, *member.group);
}

} // namespace

void pipeline_builder::check() {
  const auto& given = *plan_;
  if (const auto& why = given.owner.inside_->faults_error)
    complain(why->code, why->text);
  const auto pipeline = "pipeline \"" + given.name + "\": ";
  if (!is_name(given.name))
    complain(errc::invalid_argument, pipeline + name_rule);
  if (given.sources.empty())
    complain(errc::invalid_argument, pipeline + "it has no source (add watch or source)");
  if (given.sinks.size() != 1)
    complain(errc::invalid_argument,
      pipeline + "it needs exactly one sink, not " + std::to_string(given.sinks.size()));
  auto names = std::set<std::string>{};
  const auto add = [&](const std::string& name) {
    if (!is_name(name) || !names.insert(name).second)
      complain(errc::invalid_argument,
        "child \"" + name + "\": the name is used twice, or is none (" + name_rule + ")");
  };
  for (const auto* parts : {&given.sources, &given.stages, &given.sinks})
    for (const auto& part : *parts) {
      add(part.name);
      if (!std::visit([](const auto& make) { return static_cast<bool>(make); }, part.make))
        complain(errc::invalid_argument, "child \"" + part.name + "\": there is no factory");
    }
  const auto children = names;
  auto grouped = std::set<std::string>{};
  for (const auto& group : given.groups) {
    add(group.name);
    for (const auto& child : group.children)
      if (children.count(child) == 0 || !grouped.insert(child).second)
        complain(errc::invalid_argument, "group \"" + group.name + "\": child \"" + child
                                           + "\" is not there, or in another group");
  }
  for (const auto& [child, limits] : given.mailbox)
    if (children.count(child) == 0)
      complain(errc::invalid_argument, "mailbox of \"" + child + "\": there is no such child");
}

result<pipeline> pipeline_builder::start() {
  check();
  auto& given = *plan_;
  if (!given.mistakes.empty()) {
    auto text = std::string{};
    for (const auto& x : given.mistakes)
      text += (text.empty() ? "" : "\n") + x.text;
    return failure(given.mistakes.front().code, std::move(text));
  }
  leave_out_covered_roots();
  auto running = given.owner.inside_->start(spec());
  if (!running)
    return tl::unexpected{running.error()};
  return pipeline{std::move(*running)};
}

/// Children in the order of starting: the sink, the stages from last to first, the sources. Each
/// feeds the one before it, or, for sources, the first stage of the flow. A group stands before the
/// first of its children.
pipeline_spec pipeline_builder::spec() const {
  const auto& given = *plan_;
  const auto& faults = given.owner.inside_->faults;
  auto result = pipeline_spec{given.name, given.supervise.group, {}};
  auto groups = std::map<std::string, std::size_t>{};
  const auto group_place = [&](const std::string& child) -> std::optional<std::size_t> {
    const auto* group = given.group_of(child);
    if (group == nullptr)
      return std::nullopt;
    if (const auto found = groups.find(group->name); found != groups.end())
      return found->second;
    auto place = child_spec{};
    place.rules = {.id = group->name, .restart = given.supervise.restart};
    place.make = group_spec{group->rules};
    result.children.push_back(std::move(place));
    return groups[group->name] = result.children.size() - 1;
  };
  const auto add = [&](const plan::part& part, std::optional<std::size_t> downstream) {
    auto child = child_spec{};
    child.group = group_place(part.name);
    child.rules = {.id = part.name,
      .restart = given.supervise.restart,
      .hang_after = given.supervise.hang_after};
    const auto own = given.mailbox.find(part.name);
    child.mailbox = own == given.mailbox.end() ? given.mailboxes : own->second;
    child.downstream = downstream;
    child.make = std::visit(
      [&](const auto& make) { return decltype(child.make){faulty(make, faults, part.name)}; },
      part.make);
    result.children.push_back(std::move(child));
    return result.children.size() - 1;
  };
  const auto sink = add(given.sinks.front(), std::nullopt);
  make_significant(result, sink); // a reader that is gone ends the pipeline
  auto stages = given.stages;
  if (stages.empty() && given.sources.size() > 1)
    stages.push_back(
      {"sequencer", factory<actors::stage>{[] { return std::make_unique<sequencer>(); }}});
  auto first = sink;
  for (auto i = stages.size(); i-- > 0;)
    first = add(stages[i], first);
  for (const auto& part : given.sources)
    add(part, first);
  result.listeners.assign(given.states.begin(), given.states.end());
  for (auto& child : result.children)
    child.numbers_output = child.downstream == sink;
  return result;
}

} // namespace actors
