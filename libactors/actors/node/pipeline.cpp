#include "actors/node/pipeline.hpp"

#include "actors/node/node_inside.hpp"
#include "actors/os/inotify_source.hpp"
#include "actors/os/user_path.hpp"
#include "actors/sinks/callback_sink.hpp"
#include "actors/stages/debouncer.hpp"
#include "actors/stages/sequencer.hpp"
#include "actors/watch/watcher.hpp"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

namespace actors {

// -- a pipeline that runs -------------------------------------------------------------------------

const std::string& pipeline::name() const {
  return running_->name();
}
bool pipeline::is_ready() const {
  return running_->is_ready();
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

  node& owner;
  std::string name;
  std::vector<part> sources;
  std::vector<part> stages; ///< in the order of the flow
  std::vector<part> sinks;
  mailbox_limits mailboxes;
  supervise_options supervise;
  std::vector<error> mistakes;
};

pipeline_builder::pipeline_builder(node& owner, std::string name)
  : plan_{new plan{owner, std::move(name), {}, {}, {}, {}, {}, {}}} {}

pipeline_builder::pipeline_builder(pipeline_builder&&) noexcept = default;
pipeline_builder::~pipeline_builder() = default;

void pipeline_builder::complain(errc code, std::string text) {
  plan_->mistakes.push_back({code, std::move(text)});
}

pipeline_builder& pipeline_builder::watch(std::string path, watch_settings settings) {
  auto options = watch_options{};
  options.path = absolute_path(path);
  options.recursive = settings.recursive;
  options.initial = settings.initial;
  options.poll_interval = settings.poll_interval;
  if (auto usable = check_directory(options.path); !usable)
    complain(usable.error().code, usable.error().text);
  if (settings.poll_interval < std::chrono::milliseconds{1})
    complain(errc::invalid_argument, "watch: poll_interval must be at least 1ms");
  auto name = std::string{"watcher"};
  if (const auto count = plan_->sources.size(); count != 0)
    name += "-" + std::to_string(count + 1);
  // Kept by the slot: the factory lives as long as it does.
  auto told = std::make_shared<told_tree>(options.path);
  return source(std::move(name),
    [options, told] { return std::make_unique<watcher>(options, *told, inotify_source::open); });
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

pipeline_builder& pipeline_builder::emit(
  std::string child, std::function<void(const event_batch&)> deliver) {
  if (!deliver)
    complain(errc::invalid_argument, child + ": there is no function to deliver to");
  return sink(std::move(child), [deliver] { return std::make_unique<callback_sink>(deliver); });
}

pipeline_builder& pipeline_builder::source(
  std::string child, std::function<std::unique_ptr<actors::source>()> make) {
  plan_->sources.push_back({std::move(child), source_factory{std::move(make)}});
  return *this;
}

pipeline_builder& pipeline_builder::stage(
  std::string child, std::function<std::unique_ptr<actors::stage>()> make) {
  plan_->stages.push_back({std::move(child), stage_factory{std::move(make)}});
  return *this;
}

pipeline_builder& pipeline_builder::sink(
  std::string child, std::function<std::unique_ptr<actors::sink>()> make) {
  plan_->sinks.push_back({std::move(child), sink_factory{std::move(make)}});
  return *this;
}

pipeline_builder& pipeline_builder::mailboxes(mailbox_limits limits) {
  if (limits.messages_max == 0 || limits.bytes_max == 0)
    complain(errc::invalid_argument, "mailboxes: messages_max and bytes_max must be at least 1");
  plan_->mailboxes = limits;
  return *this;
}

pipeline_builder& pipeline_builder::supervise(supervise_options options) {
  const auto& backoff = options.restart.backoff;
  if (backoff.base.count() < 0 || backoff.cap < backoff.base)
    complain(errc::invalid_argument, "supervise: base must be from 0 to cap");
  if (!(backoff.multiplier >= 1.0))
    complain(errc::invalid_argument, "supervise: multiplier must be at least 1");
  if (!(backoff.jitter >= 0.0 && backoff.jitter <= 1.0))
    complain(errc::invalid_argument, "supervise: jitter must be from 0 to 1");
  if (backoff.stable_after < backoff.cap)
    complain(errc::invalid_argument,
      "supervise: stable_after must not be less than cap, or every wait looks like stability");
  plan_->supervise = options;
  return *this;
}

// -- from the description to the children ---------------------------------------------------------

namespace {

/// The factory whose products fail as planned.
template <class Factory>
Factory faulty(Factory make, const fault_plan& plan, const std::string& child) {
  if (plan.is_empty())
    return make;
  return [make, plan, child] { return plan.wrap(child, make()); };
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64
         && text.find_first_not_of(
              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
              == std::string_view::npos;
}

} // namespace

result<pipeline> pipeline_builder::start() {
  auto& given = *plan_;
  auto& inside = *given.owner.inside_;
  if (inside.faults_error)
    complain(inside.faults_error->code, inside.faults_error->text);
  if (!is_name(given.name))
    complain(errc::invalid_argument,
      "pipeline \"" + given.name + "\": a name has 1 to 64 letters, digits, '-' or '_'");
  if (given.sources.empty())
    complain(errc::invalid_argument,
      "pipeline \"" + given.name + "\": it has no source (add watch or source)");
  if (given.sinks.size() != 1)
    complain(errc::invalid_argument, "pipeline \"" + given.name
                                       + "\": it needs exactly one sink, not "
                                       + std::to_string(given.sinks.size()));
  auto names = std::set<std::string>{};
  for (const auto* parts : {&given.sources, &given.stages, &given.sinks})
    for (const auto& part : *parts)
      if (!is_name(part.name) || !names.insert(part.name).second)
        complain(errc::invalid_argument,
          "child \"" + part.name
            + "\": the name is used twice, or is none (letters, digits, '-', '_')");

  auto lock = std::scoped_lock{inside.mutex};
  if (inside.stopping)
    complain(errc::closed, "the node has stopped");
  std::erase_if(inside.pipelines, [&](const auto& x) { // an ended one gives its name free
    return x->name() == given.name && x->is_done();
  });
  for (const auto& x : inside.pipelines)
    if (x->name() == given.name)
      complain(
        errc::invalid_argument, "pipeline \"" + given.name + "\": there is one of that name");
  if (!given.mistakes.empty()) {
    auto text = std::string{};
    for (const auto& x : given.mistakes)
      text += (text.empty() ? "" : "\n") + x.text;
    return failure(given.mistakes.front().code, std::move(text));
  }
  try {
    auto running = inside.runtime.start(spec(), inside.log);
    inside.pipelines.push_back(running);
    return pipeline{std::move(running)};
  } catch (const std::system_error& x) {
    return failure(errc::limit_reached, "pipeline \"" + given.name + "\": " + x.what());
  }
}

/// Children in the order of starting: the sink, the stages from last to first, the sources. Each
/// feeds the one before it, or, for sources, the first stage of the flow.
pipeline_spec pipeline_builder::spec() const {
  const auto& given = *plan_;
  const auto& faults = given.owner.inside_->faults;
  auto result = pipeline_spec{given.name, given.supervise.group, {}};
  const auto add = [&](const plan::part& part, std::optional<std::size_t> downstream) {
    auto child = child_spec{};
    child.rules = {part.name, given.supervise.restart, false};
    child.mailbox = given.mailboxes;
    child.downstream = downstream;
    child.make = std::visit(
      [&](const auto& make) { return decltype(child.make){faulty(make, faults, part.name)}; },
      part.make);
    result.children.push_back(std::move(child));
  };
  add(given.sinks.front(), std::nullopt);
  result.children.front().rules.significant = true; // a reader that is gone ends the pipeline
  result.children.front().rules.restart.type = restart_type::transient;
  auto stages = given.stages;
  if (stages.empty() && given.sources.size() > 1)
    stages.push_back({"sequencer", stage_factory{[] { return std::make_unique<sequencer>(); }}});
  for (auto i = stages.size(); i-- > 0;)
    add(stages[i], result.children.size() - 1);
  const auto first = result.children.size() - 1;
  for (const auto& part : given.sources)
    add(part, first);
  for (auto& child : result.children)
    child.numbers_output = child.downstream == std::size_t{0};
  return result;
}

} // namespace actors
