#include "actors/testkit/virtual_pipeline.hpp"

#include "actors/runtime/engine.hpp"
#include "actors/stages/fault_plan.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/deterministic_system.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace actors::testkit {

using namespace std::chrono_literals;

namespace {

constexpr auto name = "virtual";
constexpr auto probe_name = "probe";

/// Keeps what comes out, and what it was told to hold stays in its mailbox.
class probe final : public stage {
public:
  struct state {
    std::vector<event_batch> out;
    bool holds = false;
  };

  explicit probe(state& seen) : seen_{seen} {}

  release_mode releases() const override { return release_mode::manual; }
  void on_batch(const event_batch& batch, context& ctx) override {
    seen_.out.push_back(batch);
    if (!seen_.holds)
      ctx.release();
  }

private:
  state& seen_;
};

} // namespace

struct virtual_pipeline::inside : deterministic_system {
  struct part {
    std::string child;
    factory<actors::stage> make;
  };

  std::vector<part> parts; ///< in the order of the flow
  std::map<std::string, mailbox_limits> mailboxes;
  supervise_options options;
  fault_plan plan;
  mailbox_limits probe_mailbox;
  probe::state seen;
  std::vector<log_line> lines;
  outlets out{[this](const log_line& line) { lines.push_back(line); }};
  engine runtime{sys, engine::supervisors::scheduled};
  std::shared_ptr<running_pipeline> running;
  time_point began{};

  slot& at(const std::string& child) const {
    const auto found = running->find(std::string{name} + "/" + child);
    if (!found)
      throw std::invalid_argument{"there is no child " + child};
    return *found;
  }

  child_spec child(std::string id, factory<actors::stage> make, mailbox_limits limits) const {
    auto spec = child_spec{};
    spec.rules = {
      .id = std::move(id), .restart = options.restart, .hang_after = options.hang_after};
    spec.make = std::move(make);
    spec.mailbox = limits;
    return spec;
  }
};

virtual_pipeline::virtual_pipeline() : inside_{std::make_unique<inside>()} {}

virtual_pipeline::~virtual_pipeline() {
  if (!inside_->running)
    return;
  stop();
  inside_->running->abandon(); // whoever would need time
  inside_->settle();
}

// -- before the start -----------------------------------------------------------------------------

virtual_pipeline& virtual_pipeline::stage(std::string child, factory<actors::stage> make) {
  inside_->parts.push_back({std::move(child), std::move(make)});
  return *this;
}

virtual_pipeline& virtual_pipeline::mailbox(const std::string& child, mailbox_limits limits) {
  inside_->mailboxes[child] = limits;
  return *this;
}

virtual_pipeline& virtual_pipeline::supervise(supervise_options options) {
  inside_->options = options;
  return *this;
}

virtual_pipeline& virtual_pipeline::faults(const std::string& text) {
  auto plan = fault_plan::parse(text);
  if (!plan)
    throw std::invalid_argument{plan.error().text};
  inside_->plan = std::move(*plan);
  return *this;
}

virtual_pipeline& virtual_pipeline::output_room(std::size_t batches) {
  inside_->probe_mailbox.messages_max = batches;
  return *this;
}

void virtual_pipeline::start() {
  auto& x = *inside_;
  auto spec = pipeline_spec{name, x.options.group, {}};
  spec.children.push_back(x.child(
    probe_name, [&seen = x.seen] { return std::make_unique<probe>(seen); }, x.probe_mailbox));
  for (auto i = x.parts.size(); i-- > 0;) {
    const auto& part = x.parts[i];
    auto make = [plan = x.plan, part](
                  succession how) { return plan.wrap(part.child, part.make(how)); };
    spec.children.push_back(x.child(part.child, std::move(make), x.mailboxes[part.child]));
    spec.children.back().downstream = {spec.children.size() - 2};
  }
  if (x.mailboxes.size() != x.parts.size() || x.mailboxes.count(probe_name) != 0)
    throw std::invalid_argument{"a mailbox is named after a child that is not there, two children "
                                "have one name, or one is called \"probe\""};
  spec.children[std::min<std::size_t>(1, spec.children.size() - 1)].numbers_output = true;
  x.began = x.now();
  x.running = x.runtime.start(std::move(spec), x.out);
  x.settle();
}

// -- what the test plays --------------------------------------------------------------------------

emit_result virtual_pipeline::push(event_batch what) {
  return push(inside_->parts.empty() ? probe_name : inside_->parts.front().child, std::move(what));
}

emit_result virtual_pipeline::push(const std::string& child, event_batch what) {
  const auto verdict = inside_->at(child).mailbox.push(std::move(what), nullptr);
  inside_->settle();
  return verdict;
}

result<event_batch> virtual_pipeline::ask(
  const std::string& child, const event_batch& question, std::chrono::milliseconds within) {
  auto answer = std::make_shared<std::optional<result<event_batch>>>(); // it may come after we left
  const auto due = now() + within;
  inside_->at(child).mailbox.put(question,
    std::make_shared<actors::ask>([answer](result<event_batch> x) { *answer = std::move(x); }, due),
    now());
  inside_->settle();
  while (!*answer && now() < due)
    pass(std::min<std::chrono::nanoseconds>(1ms, due - now()));
  return *answer ? **answer : failure(errc::timed_out, child + " did not answer in time");
}

void virtual_pipeline::pass(std::chrono::nanoseconds span) {
  inside_->pass(span);
}

void virtual_pipeline::hold_output() {
  inside_->seen.holds = true;
}

void virtual_pipeline::release_output() {
  inside_->seen.holds = false;
  auto& mail = inside_->at(probe_name).mailbox;
  mail.release(static_cast<std::uint64_t>(-1)); // all that was given
  inside_->settle();
}

result<void> virtual_pipeline::reset(const std::string& child) {
  auto answer = std::make_shared<result<void>>(failure(errc::closed, "it has ended"));
  inside_->running->reports().put(command{command_verb::reset, inside_->at(child).id, {},
    [answer](result<void> x) { *answer = std::move(x); }});
  inside_->settle();
  return *answer;
}

void virtual_pipeline::stop() {
  inside_->running->request_stop();
  inside_->settle();
}

// -- what the test sees ---------------------------------------------------------------------------

const std::vector<event_batch>& virtual_pipeline::out() const {
  return inside_->seen.out;
}

std::vector<std::string> virtual_pipeline::out_lines() const {
  auto lines = std::vector<std::string>{};
  for (const auto& batch : out())
    for (auto& line : lines_of(batch))
      lines.push_back(std::move(line));
  return lines;
}

child_health virtual_pipeline::health(const std::string& child) const {
  const auto& id = inside_->at(child).id;
  auto rows = std::vector<child_health>{};
  inside_->running->append_health(rows, now());
  return *std::find_if(rows.begin(), rows.end(), [&](const auto& x) { return x.id == id; });
}

const std::vector<log_line>& virtual_pipeline::log_lines() const {
  return inside_->lines;
}

std::vector<transition> virtual_pipeline::events() const {
  auto events = std::vector<transition>{};
  const auto past = std::chrono::steady_clock::now();
  for (auto& x : inside_->out.transitions->read(0, SIZE_MAX, past).entries)
    events.push_back(std::move(x.what));
  return events;
}

std::size_t virtual_pipeline::count(std::string_view event) const {
  const auto all = events();
  return static_cast<std::size_t>(
    std::count_if(all.begin(), all.end(), [&](const transition& x) { return x.event == event; }));
}

time_point virtual_pipeline::now() const {
  return inside_->now();
}

std::chrono::milliseconds virtual_pipeline::since_start() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now() - inside_->began);
}

bool virtual_pipeline::is_ready() const {
  return inside_->running->is_ready(now());
}

bool virtual_pipeline::is_done() const {
  return inside_->running->is_done();
}

bool virtual_pipeline::has_failed() const {
  return inside_->running->end().failed;
}

std::string virtual_pipeline::why() const {
  return inside_->running->end().text;
}

} // namespace actors::testkit
