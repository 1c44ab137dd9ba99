#include "actors/runtime/supervisor.hpp"

#include "actors/core/duration_text.hpp"
#include "actors/core/earliest.hpp"
#include "actors/core/log_sampler.hpp"
#include "actors/runtime/notice_line.hpp"

#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace actors {

namespace {

/// A timer that comes so much too late was not late: the process had no processor (SIGSTOP, a
/// debugger, a machine under water). Nobody can be blamed for what was not done meanwhile.
constexpr auto hiccup = std::chrono::seconds{1};

std::vector<tree_member> members_of(const running_pipeline& pipeline) {
  auto members = std::vector<tree_member>{};
  for (const auto& where : pipeline.declared()) {
    auto member = tree_member{};
    member.rules = where->spec.rules;
    member.rules.id = where->id;
    member.group = where->spec.group;
    if (const auto* group = std::get_if<group_spec>(&where->spec.make)) {
      member.what = tree_member::kind::group;
      member.group_rules = group->supervision;
    } else if (const auto* pool = std::get_if<pool_spec>(&where->spec.make)) {
      member.what = tree_member::kind::pool;
      member.group_rules = pool->supervision;
      member.pool_limits = pool->limits;
    }
    members.push_back(std::move(member));
  }
  return members;
}

/// What `late` and `hung` say.
std::string work_text(const slot& where, time_point now) {
  const auto age =
    std::chrono::duration_cast<std::chrono::milliseconds>(now - where.last_progress());
  return std::string{where.activity.load()} + " shows no progress for " + to_text(age);
}

/// Why a child was not added.
error refusal(dynamic_group::addition why, const std::string& id) {
  switch (why) {
    case dynamic_group::addition::taken:
      return {errc::invalid_argument, id + ": there is a child of that id"};
    case dynamic_group::addition::full:
      return {errc::full, id + ": the pool has as many children as it may"};
    default: return {errc::unavailable, id + ": the pool does not run"};
  }
}

} // namespace

supervisor::supervisor(caf::actor_config& config, std::shared_ptr<running_pipeline> pipeline,
  std::shared_ptr<host_maker> hosts)
  : caf::event_based_actor{config}, pipeline_{std::move(pipeline)}, hosts_{std::move(hosts)},
    rules_{pipeline_->spec().supervision, members_of(*pipeline_)}, spread_{std::random_device{}()} {
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

// -- what comes in --------------------------------------------------------------------------------

void supervisor::read_reports() {
  const auto content = pipeline_->reports().take();
  const auto time = now();
  for (const auto& what : content.reports)
    take_in(what, time);
  auto answers = std::vector<result<void>>{};
  for (const auto& what : content.commands)
    answers.push_back(obey(what, time));
  if (content.stop != report_box::urgency::none && rules_.now_in() == child_group::phase::running)
    rules_.stop(time);
  if (content.stop == report_box::urgency::at_once)
    rules_.abandon(time);
  follow_up();
  for (std::size_t i = 0; i < answers.size(); ++i) // what was ordered has been carried out
    content.commands[i].answer(std::move(answers[i]));
}

void supervisor::take_in(const report& what, time_point now) {
  auto* where = pipeline_->at(what.child);
  const auto* child = rules_.find(what.child);
  if (where == nullptr || child == nullptr)
    return; // removed
  if (what.what != report::kind::busy && what.what != report::kind::losing)
    starting_.erase(what.child);
  const auto trouble_is = [&](trouble which, std::string_view text) {
    rules_.on_trouble(what.child, child->incarnation(), which, text, now);
  };
  switch (what.what) {
    case report::kind::ready:
      rules_.on_ready(what.child, what.incarnation, now);
      where->watched = false; // until now its start was watched
      return where->busy ? look_after(what.child, now) : void();
    case report::kind::crashed:
      return rules_.on_crashed(what.child, what.incarnation, what.text, now, random());
    case report::kind::ended:
      where->wants_no_more = std::holds_alternative<sink_factory>(where->spec.make);
      return rules_.on_ended(what.child, what.incarnation, now, random());
    case report::kind::degraded:
      return rules_.on_trouble(what.child, what.incarnation, trouble::reported, what.text, now);
    case report::kind::recovered:
      return rules_.on_trouble(what.child, what.incarnation, trouble::reported, {}, now);
    case report::kind::drained: return rules_.on_drained(what.child, what.incarnation, now);
    case report::kind::stopped: return rules_.on_stopped(what.child, what.incarnation, now);
    case report::kind::busy:
      return hangs_.watch(
        what.child, where->last_progress(), hang_watch::verdict::fine, where->rules().hang_after);
    case report::kind::pressed:
      return trouble_is(trouble::pressure, "its mailbox stays nearly full");
    case report::kind::eased: return trouble_is(trouble::pressure, {});
    case report::kind::losing:
      losing_.insert(what.child);
      if (!losses_due_)
        losses_due_ = now + log_sampler::pause;
      return;
    case report::kind::returned:
      hosts_->note_returned(*where);
      return rules_.on_returned(where->id);
  }
}

// -- what is asked for ----------------------------------------------------------------------------

result<void> supervisor::obey(const command& what, time_point now) {
  switch (what.what) {
    case command_verb::ping: break;
    case command_verb::reset: return reset(what.child, now);
    case command_verb::replace: return replace(what.child, what.made_by, now);
    case command_verb::add: return add(what.child, what.workers, now);
    case command_verb::remove: return remove(what.child, now);
  }
  return {};
}

result<void> supervisor::reset(const std::string& child, time_point now) {
  const auto where = pipeline_->find(child);
  if (!where)
    return failure(errc::not_found, "there is no child " + child);
  if (!rules_.reset(where->place, now))
    return failure(errc::invalid_argument,
      child + " is neither failed, stopped nor backing off, or its group does not run");
  return {};
}

/// One that serves is restarted at once; one that does not is made of the new parts when its time
/// comes.
result<void> supervisor::replace(const std::string& child, const product& made_by, time_point now) {
  const auto where = pipeline_->find(child);
  if (!where)
    return failure(errc::not_found, "there is no child " + child);
  if (!where->replace(made_by))
    return failure(errc::invalid_argument, child + " is another kind of child");
  if (!rules_.restart(where->place, now))
    rules_.reset(where->place, now);
  return {};
}

/// Stops at the first that cannot be added; those before it stay.
result<void> supervisor::add(
  const std::string& pool, const std::vector<worker>& workers, time_point now) {
  const auto where = pipeline_->find(pool);
  const auto* spec = where ? std::get_if<pool_spec>(&where->spec.make) : nullptr;
  if (spec == nullptr || !where->is_group())
    return failure(errc::not_found, "there is no pool " + pool);
  for (const auto& who : workers) {
    auto rules = spec->rules;
    rules.id = where->id + "/" + who.id;
    const auto id = rules.id;
    const auto added = rules_.add(where->place, std::move(rules), now);
    if (added.what != dynamic_group::addition::added)
      return tl::unexpected{refusal(added.what, id)};
    pipeline_->add_worker(added.child, *where, who);
  }
  return {};
}

result<void> supervisor::remove(const std::string& child, time_point now) {
  const auto where = pipeline_->find(child);
  if (!where || !rules_.remove(where->place, now))
    return failure(errc::not_found, "there is no child of a pool " + child);
  return {};
}

// -- time -----------------------------------------------------------------------------------------

void supervisor::on_timer(const supervisor_timer& timer) {
  if (timer.generation != timer_generation_)
    return;
  const auto time = now();
  const auto delay = time - std::exchange(timer_due_, std::nullopt).value_or(time);
  if (delay > hiccup)
    forgive(time);
  for (const auto place : starting_) // a start that shows progress has not failed
    if (const auto* where = pipeline_->at(place))
      rules_.on_progress(place, where->last_progress());
  for (const auto place : hangs_.take_due(time))
    look_after(place, time);
  if (losses_due_ && *losses_due_ <= time)
    tell_losses();
  rules_.tick(time, random());
  follow_up();
}

/// Nobody showed progress because nothing ran.
void supervisor::forgive(time_point now) {
  for (const auto place : starting_)
    rules_.on_progress(place, now);
  for (const auto place : hangs_.take_due(now))
    if (auto* where = pipeline_->at(place)) {
      where->progress_at = now.time_since_epoch().count();
      hangs_.watch(place, now, hang_watch::verdict::fine, where->rules().hang_after);
    }
}

void supervisor::look_after(std::size_t place, time_point now) {
  auto* where = pipeline_->at(place);
  if (where == nullptr)
    return;
  where->watched = false; // before `busy` is read: the child does it the other way round
  const auto* child = rules_.find(place);
  if (child == nullptr)
    return;
  if (!where->busy || !is_live(child->state()))
    return rules_.on_trouble(place, child->incarnation(), trouble::late, {}, now);
  if (where->watched.exchange(true))
    return; // it said so itself, just now
  const auto progress = where->last_progress();
  const auto seen = hang_watch::judge(progress, now, where->rules().hang_after);
  if (seen == hang_watch::verdict::hung)
    return rules_.on_hung(place, child->incarnation(), work_text(*where, now), now, random());
  rules_.on_trouble(place, child->incarnation(), trouble::late,
    seen == hang_watch::verdict::late ? work_text(*where, now) : "", now);
  hangs_.watch(place, progress, seen, where->rules().hang_after);
}

std::optional<time_point> supervisor::next_due() const {
  auto due = earliest{};
  for (const auto& when : {rules_.next_due(), hangs_.next_due(), losses_due_})
    due.consider(when);
  return due.first();
}

/// One timer, for whatever is due first. Timers of CAF 0.17 cannot be cancelled: the generation
/// tells the one that counts.
void supervisor::arm() {
  const auto due = next_due();
  if (!due || (timer_due_ && *timer_due_ <= *due))
    return;
  timer_due_ = due;
  caf::delayed_anon_send<caf::message_priority::high>(caf::actor_cast<caf::actor>(this),
    left_until(*due, now()), supervisor_timer{++timer_generation_});
}

// -- what goes out --------------------------------------------------------------------------------

void supervisor::follow_up() {
  for (const auto& what : rules_.take_notices()) // a child that is removed below has its name yet
    tell(what);
  for (const auto& order : rules_.take_orders())
    carry_out(order);
  pipeline_->post(rules_, now());
  if (rules_.now_in() == child_group::phase::done)
    finish();
  else
    arm();
}

void supervisor::carry_out(const supervision_order& order) {
  auto* where = pipeline_->at(order.child);
  if (where == nullptr)
    return;
  const auto needs_host = order.what == supervision_order::verb::drain
                          || order.what == supervision_order::verb::stop
                          || order.what == supervision_order::verb::abandon;
  if (needs_host && !where->hosted_by)
    return; // it could not even be made: the report of that is on its way
  starting_.erase(order.child);
  switch (order.what) {
    case supervision_order::verb::start: return start(*where, order.incarnation);
    case supervision_order::verb::drain: return where->hosted_by->drain();
    case supervision_order::verb::stop: return where->hosted_by->stop();
    case supervision_order::verb::abandon: return let_go(*where);
    case supervision_order::verb::close: return close(*where);
    case supervision_order::verb::remove: end(*where); return pipeline_->forget(order.child);
  }
}

void supervisor::start(slot& where, std::uint64_t incarnation) {
  where.watched = true; // its start has a deadline of its own
  where.progress_at = now().time_since_epoch().count();
  where.mailbox.open();
  try {
    if (!where.hosted_by)
      where.hosted_by = hosts_->make(where);
  } catch (const std::system_error& x) { // no descriptor left on this machine: a failed start
    return where.report_to_supervisor(report::kind::crashed, incarnation, x.what());
  }
  starting_.insert(where.place);
  where.hosted_by->start(incarnation, std::exchange(where.next_start, succession::after_end));
}

/// Its successor gets another host, and shares nothing with the one that hangs.
void supervisor::let_go(slot& where) {
  where.hosted_by->abandon();
  where.hosted_by.reset();
  where.work_failed();
  where.next_start = succession::after_hang;
  where.busy = false;
  hosts_->note_hung(where);
}

/// It will not run again.
void supervisor::end(slot& where) {
  if (where.hosted_by)
    where.hosted_by->join();
  where.tell_untold_losses();
}

void supervisor::close(slot& where) {
  using leftovers = bounded_mailbox::leftovers;
  if (where.spec.has_kept_input)
    return; // nobody loses it; should it be reset, it goes on with what is in line
  const auto is_unwanted = where.wants_no_more || nobody_wants_more();
  undelivered_ += where.mailbox.close(is_unwanted ? leftovers::unwanted : leftovers::lost);
}

/// Every sink has ended by itself: there are some.
bool supervisor::nobody_wants_more() const {
  auto sinks = std::size_t{0};
  auto ended = std::size_t{0};
  for (const auto& x : pipeline_->declared())
    if (std::holds_alternative<sink_factory>(x->spec.make)) {
      ++sinks;
      ended += x->wants_no_more ? 1U : 0U;
    }
  return sinks != 0 && ended == sinks;
}

void supervisor::finish() {
  pipeline_->reports().close();
  pipeline_->for_each_slot([this](slot& where) { end(where); });
  pipeline_->finish(rules_, undelivered_);
  quit();
}

void supervisor::tell(const notice& what) {
  const auto* where = what.child ? pipeline_->at(*what.child) : nullptr;
  const auto about = where != nullptr ? where->id : std::string{};
  pipeline_->out().log(line_of(what, pipeline_->name(), about));
  pipeline_->out().transitions->add({name_of(what.id), about.empty() ? pipeline_->name() : about,
    what.incarnation, what.attempt, what.delay, what.text, std::chrono::system_clock::now()});
}

void supervisor::tell_losses() {
  losses_due_.reset();
  for (const auto place : std::exchange(losing_, {}))
    if (auto* where = pipeline_->at(place))
      where->tell_untold_losses();
}

} // namespace actors
