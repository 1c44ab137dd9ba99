#include "actors/runtime/supervisor.hpp"

#include "actors/core/duration_text.hpp"

#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <utility>

namespace actors {

namespace {

std::vector<child_rules> rules_of(
  const running_pipeline& pipeline, const std::vector<std::unique_ptr<slot>>& slots) {
  auto result = std::vector<child_rules>{};
  for (const auto& x : slots) {
    result.push_back(x->spec.rules);
    result.back().id = pipeline.name() + "/" + result.back().id;
  }
  return result;
}

log_level level_of(notice_id id) {
  switch (id) {
    case notice_id::fatal_error:
    case notice_id::child_failed:
    case notice_id::child_hung:
    case notice_id::child_abandoned:
    case notice_id::group_budget_exceeded: return log_level::error;
    case notice_id::child_crashed:
    case notice_id::child_backing_off:
    case notice_id::child_degraded: return log_level::warning;
    case notice_id::child_starting:
    case notice_id::child_stopped:
    case notice_id::draining: return log_level::debug;
    default: return log_level::info;
  }
}

} // namespace

supervisor::supervisor(
  caf::actor_config& config, std::shared_ptr<running_pipeline> pipeline, supervision_rules rules)
  : caf::event_based_actor{config}, pipeline_{std::move(pipeline)},
    rules_{rules, rules_of(*pipeline_, pipeline_->slots())}, random_{std::random_device{}()} {
  set_default_handler(caf::drop); // CAF's own handler prints to standard output
}

caf::behavior supervisor::make_behavior() {
  rules_.start(now());
  follow_up();
  return {
    [this](control_waits) { read_reports(); },
    [this](const supervisor_timer& timer) { on_timer(timer); },
  };
}

void supervisor::read_reports() {
  auto content = pipeline_->reports().take();
  for (const auto& what : content.reports)
    take_in(what);
  if (content.stop != report_box::urgency::none && rules_.now_in() == supervision::phase::running)
    rules_.stop(now());
  if (content.stop == report_box::urgency::at_once)
    rules_.stop(now());
  follow_up();
}

void supervisor::take_in(const report& what) {
  const auto random = std::uniform_real_distribution<double>{0.0, 1.0}(random_);
  switch (what.what) {
    case report::kind::ready: return rules_.on_ready(what.child, what.incarnation, now());
    case report::kind::crashed:
      return rules_.on_crashed(what.child, what.incarnation, what.text, now(), random);
    case report::kind::ended:
      wants_no_more_ |= pipeline_->slots()[what.child]->downstream == nullptr;
      return rules_.on_ended(what.child, what.incarnation, now(), random);
    case report::kind::degraded:
      return rules_.on_degraded(what.child, what.incarnation, what.text, now());
    case report::kind::recovered:
      return rules_.on_degraded(what.child, what.incarnation, {}, now());
    case report::kind::drained: return rules_.on_drained(what.child, what.incarnation, now());
    case report::kind::stopped: return rules_.on_stopped(what.child, what.incarnation, now());
  }
}

void supervisor::on_timer(const supervisor_timer& timer) {
  if (timer.generation != timer_generation_)
    return;
  timer_due_.reset();
  for (const auto& x : pipeline_->slots()) // a start that shows progress has not failed
    rules_.on_progress(x->index, time_point{time_point::duration{x->progress_at.load()}});
  rules_.tick(now());
  follow_up();
}

void supervisor::follow_up() {
  for (auto orders = rules_.take_orders(); !orders.empty(); orders = rules_.take_orders())
    for (const auto& order : orders)
      carry_out(order);
  for (const auto& what : rules_.take_notices())
    tell(what);
  pipeline_->post(rules_);
  if (rules_.now_in() != supervision::phase::done)
    return arm();
  pipeline_->reports().close();
  for (const auto& x : pipeline_->slots())
    x->hosted_by->join();
  pipeline_->finish(rules_);
  quit();
}

void supervisor::carry_out(const supervision_order& order) {
  auto& where = *pipeline_->slots()[order.child];
  switch (order.what) {
    case supervision_order::verb::start: return where.hosted_by->start(order.incarnation);
    case supervision_order::verb::drain: return where.hosted_by->drain();
    case supervision_order::verb::stop: return where.hosted_by->stop();
    case supervision_order::verb::abandon: return where.hosted_by->abandon();
    case supervision_order::verb::close:
      if (const auto left = where.mailbox.close(); left != 0)
        where.write_log(wants_no_more_ ? log_level::info : log_level::warning, "dropped_summary",
          {{"reason", "closed"}, {"batches", std::to_string(left)}});
      return;
  }
}

void supervisor::tell(const notice& what) {
  auto line = log_line{level_of(what.id), std::string{name_of(what.id)}, {}};
  line.fields.emplace_back("pipeline", pipeline_->name());
  if (what.child) {
    line.fields.emplace_back("child", rules_.id(*what.child));
    line.fields.emplace_back("incarnation", std::to_string(what.incarnation));
  }
  if (what.id == notice_id::child_backing_off) {
    line.fields.emplace_back("attempt", std::to_string(what.attempt));
    line.fields.emplace_back("delay", to_text(what.delay));
  }
  if (!what.text.empty())
    line.fields.emplace_back("text", what.text);
  pipeline_->log()(line);
}

/// One timer, for whatever is due first. Timers of CAF 0.17 cannot be cancelled: the generation
/// tells the one that counts.
void supervisor::arm() {
  const auto due = rules_.next_due();
  if (!due || (timer_due_ && *timer_due_ <= *due))
    return;
  timer_due_ = due;
  // Rounded up: a timer that fires a little early would find nothing due, and be set again.
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(std::max(*due, now()) - now());
  caf::delayed_anon_send<caf::message_priority::high>(
    caf::actor_cast<caf::actor>(this), delay, supervisor_timer{++timer_generation_});
}

} // namespace actors
