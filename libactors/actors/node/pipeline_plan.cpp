#include "actors/node/pipeline_plan.hpp"

#include "actors/core/child_name.hpp"
#include "actors/node/names.hpp"
#include "actors/node/node_inside.hpp"
#include "actors/stages/sequencer.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace actors {

const pipeline_builder::plan::nest* pipeline_builder::plan::group_of(
  const std::string& child) const {
  for (const auto& x : groups)
    if (std::find(x.children.begin(), x.children.end(), child) != x.children.end())
      return &x;
  return nullptr;
}

const mailbox_limits& pipeline_builder::plan::mailbox_of(const std::string& child) const {
  const auto own = mailbox.find(child);
  return own == mailbox.end() ? mailboxes : own->second;
}

void pipeline_builder::plan::complain(errc code, std::string text) {
  mistakes.push_back({code, std::move(text)});
}

void pipeline_builder::plan::check() {
  if (const auto& why = owner.inside_->faults_error)
    complain(why->code, why->text);
  const auto pipeline = "pipeline \"" + name + "\": ";
  if (!is_name(name))
    complain(errc::invalid_argument, pipeline + name_rule);
  check_ends();
  auto names = std::set<std::string>{};
  const auto add = [&](const std::string& id) {
    if (!is_name(id) || !names.insert(id).second)
      complain(errc::invalid_argument,
        "child \"" + id + "\": the name is used twice, or is none (" + name_rule + ")");
  };
  const auto add_part = [&](const part& what) {
    add(what.name);
    if (!std::visit([](const auto& make) { return static_cast<bool>(make); }, what.make))
      complain(errc::invalid_argument, "child \"" + what.name + "\": there is no factory");
  };
  for (const auto* parts : {&sources, &stages, &sinks})
    std::for_each(parts->begin(), parts->end(), add_part);
  for (const auto& each : relays) {
    if (each.writer)
      add_part(*each.writer);
    add_part(each.reader);
    add_part(each.deliverer);
  }
  const auto children = names;
  auto grouped = std::set<std::string>{};
  for (const auto& group : groups) {
    add(group.name);
    for (const auto& child : group.children)
      if (children.count(child) == 0 || !grouped.insert(child).second)
        complain(errc::invalid_argument, "group \"" + group.name + "\": child \"" + child
                                           + "\" is not there, or in another group");
  }
  for (const auto& [child, limits] : mailbox)
    if (children.count(child) == 0)
      complain(errc::invalid_argument, "mailbox of \"" + child + "\": there is no such child");
  for (const auto& each : relays)
    if (each.writer && mailbox_of(each.deliverer.name).on_full != overflow_policy::hold)
      complain(errc::invalid_argument, "mailbox of \"" + each.deliverer.name
                                         + "\": it holds what is spooled; bound \""
                                         + each.writer->name + "\" instead");
}

void pipeline_builder::plan::check_ends() {
  const auto pipeline = "pipeline \"" + name + "\": ";
  const auto ends = sinks.size() + relays.size();
  if (collects) {
    if (!sources.empty() || !stages.empty())
      complain(errc::invalid_argument,
        pipeline + "what collects has no other sources, and no stages; start a pipeline for them");
    if (ends > outflow::edges_max)
      complain(
        errc::invalid_argument, pipeline + "it may have 64 sinks, not " + std::to_string(ends));
    for (const auto& each : sinks)
      if (mailbox_of(each.name).on_full != overflow_policy::hold)
        complain(
          errc::invalid_argument, "mailbox of \"" + each.name
                                    + "\": it holds what is stored already; nothing needs be lost");
    return;
  }
  if (sources.empty())
    complain(errc::invalid_argument, pipeline + "it has no source (add watch or source)");
  if (ends == 0 || ends > outflow::edges_max)
    complain(errc::invalid_argument,
      pipeline + "it needs 1 to 64 sinks (add emit or sink), not " + std::to_string(ends));
}

namespace {

/// The factory whose products fail as planned.
template <class T>
factory<T> faulty(factory<T> make, const fault_plan& plan, const std::string& child) {
  if (plan.is_empty())
    return make;
  return [make, plan, child](succession how) { return plan.wrap(child, make(how)); };
}

/// When that member ends by itself, and not by a crash, so may the group it is in and the pipeline.
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

/// Lays out the children.
class layout {
public:
  layout(const std::string& name, const supervision_rules& rules) : spec_{name, rules, {}, {}} {}

  /// The place of a group, made when it is first asked for.
  std::size_t group(
    const std::string& name, const supervision_rules& rules, const restart_rules& restart) {
    for (std::size_t i = 0; i < spec_.children.size(); ++i)
      if (spec_.children[i].rules.id == name
          && std::holds_alternative<group_spec>(spec_.children[i].make))
        return i;
    auto place = child_spec{};
    place.rules = {.id = name, .restart = restart};
    place.make = group_spec{rules};
    return add(std::move(place));
  }

  std::size_t add(child_spec child) {
    spec_.children.push_back(std::move(child));
    return spec_.children.size() - 1;
  }

  /// What takes in the records at the end of the flow. One that holds nobody up fails for itself.
  void add_end(child_spec child) {
    if (child.mailbox.on_full != overflow_policy::hold) {
      child.rules.on_failure = escalation::isolate;
      child.rules.required = false;
    }
    ends_.push_back(add(std::move(child)));
    make_significant(spec_, ends_.back());
  }

  /// When that sink ends by itself, it is for the pipeline as if an end had.
  void let_end(std::size_t place) { make_significant(spec_, place); }

  const std::vector<std::size_t>& ends() const { return ends_; }

  /// Sinks that are gone one after the other end it with the last.
  pipeline_spec finish() {
    if (ends_.size() > 1 && spec_.supervision.ends_with == auto_shutdown::any_significant)
      spec_.supervision.ends_with = auto_shutdown::all_significant;
    for (auto& child : spec_.children)
      child.numbers_output = child.downstream == ends_;
    return std::move(spec_);
  }

private:
  pipeline_spec spec_;
  std::vector<std::size_t> ends_;
};

} // namespace

pipeline_spec pipeline_builder::plan::spec(const fault_plan& faults) const {
  auto result = layout{name, supervise.group};
  const auto child_of = [&](const part& what, std::vector<std::size_t> downstream) {
    auto child = child_spec{};
    if (const auto* group = group_of(what.name))
      child.group = result.group(group->name, group->rules, supervise.restart);
    child.rules = {
      .id = what.name, .restart = supervise.restart, .hang_after = supervise.hang_after};
    child.mailbox = mailbox_of(what.name);
    child.downstream = std::move(downstream);
    child.make = std::visit(
      [&](const auto& make) { return decltype(child.make){faulty(make, faults, what.name)}; },
      what.make);
    return child;
  };
  const auto listeners =
    std::vector<std::shared_ptr<delivery_listener>>{states.begin(), states.end()};
  const auto add_end = [&](const part& what) {
    auto child = child_of(what, {});
    child.listeners = listeners;
    result.add_end(std::move(child));
  };
  for (const auto& each : relays) {
    auto deliverer = child_of(each.deliverer, {});
    deliverer.listeners = {each.outbox};
    deliverer.has_kept_input = true;
    deliverer.rules.required = false; // what it cannot deliver is kept
    deliverer.rules.on_failure = escalation::isolate;
    const auto place = result.add(std::move(deliverer));
    result.add(child_of(each.reader, {place}));
    if (each.writer)
      add_end(*each.writer);
    else
      result.let_end(place);
  }
  for (const auto& each : sinks)
    add_end(each);
  auto flow = stages;
  if (flow.empty() && sources.size() > 1 && !gathered)
    flow.push_back(
      {sequencer_name, factory<actors::stage>{[] { return std::make_unique<sequencer>(); }}});
  auto first = result.ends();
  for (auto i = flow.size(); i-- > 0;)
    first = {result.add(child_of(flow[i], first))};
  for (const auto& each : sources)
    result.add(child_of(each, first));
  auto spec = result.finish();
  spec.run = run;
  spec.listeners = listeners;
  for (const auto& each : relays)
    spec.listeners.push_back(each.outbox);
  return spec;
}

} // namespace actors
