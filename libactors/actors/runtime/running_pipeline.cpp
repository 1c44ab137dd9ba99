#include "actors/runtime/running_pipeline.hpp"

#include <future>
#include <utility>

namespace actors {

namespace {

/// A supervisor that has not come to what it was told for so long is stuck: its turns take
/// microseconds, those of a storm of ten thousand restarts some hundred milliseconds.
constexpr auto late_after = std::chrono::seconds{5};

/// "pipeline/child"; "pipeline/group/child" for the member of a group.
std::string full_id(const pipeline_spec& spec, std::size_t place) {
  const auto& child = spec.children[place];
  return (child.group ? full_id(spec, *child.group) : spec.name) + "/" + child.rules.id;
}

child_kind kind_of(const slot& where) {
  if (!where.is_group())
    return child_kind::child;
  return std::holds_alternative<pool_spec>(where.spec.make) ? child_kind::pool : child_kind::group;
}

/// A sink that may lose what it is sent gives no word on what is safe.
bool is_listened_to(const slot& where) {
  return where.is_sink() && where.spec.mailbox.on_full == overflow_policy::hold
         && !where.spec.listeners.empty();
}

/// An answer that one thread gives and another waits for.
template <class T>
class expected_answer {
public:
  std::function<void(result<T>)> giver() {
    return [promise = promise_](result<T> what) { promise->set_value(std::move(what)); };
  }
  result<T> wait(time_point due, const std::string& whose) {
    if (answer_.wait_until(due) != std::future_status::ready)
      return failure(errc::timed_out, whose + " did not answer in time");
    return answer_.get();
  }

private:
  std::shared_ptr<std::promise<result<T>>> promise_ = std::make_shared<std::promise<result<T>>>();
  std::future<result<T>> answer_ =
    promise_->get_future(); ///< the giver may come later than we wait
};

} // namespace

std::shared_ptr<running_pipeline> running_pipeline::make(pipeline_spec spec, outlets out) {
  auto made =
    std::shared_ptr<running_pipeline>{new running_pipeline{std::move(spec), std::move(out)}};
  for (const auto& x : made->declared_)
    x->owner = made;
  return made;
}

running_pipeline::running_pipeline(pipeline_spec spec, outlets out)
  : spec_{std::move(spec)}, out_{std::move(out)} {
  for (std::size_t i = 0; i < spec_.children.size(); ++i)
    declared_.push_back(
      std::make_shared<slot>(i, full_id(spec_, i), spec_.children[i], reports_, out_));
  for (auto& x : declared_)
    for (const auto place : x->spec.downstream)
      x->downstream.add(*declared_[place]);
  for (auto& x : declared_)
    if (is_listened_to(*x)) {
      x->listeners = &x->spec.listeners;
      for (const auto& listener : x->spec.listeners)
        listener->has_sink(x->place);
    }
}

// -- for whoever has it ---------------------------------------------------------------------------

result<void> running_pipeline::order(command what, time_point due) {
  auto answer = expected_answer<void>{};
  what.answer = answer.giver();
  reports_.put(std::move(what));
  return answer.wait(due, "the supervisor of " + name());
}

std::shared_ptr<slot> running_pipeline::find(std::string_view id) const {
  for (const auto& x : declared_)
    if (x->id == id)
      return x;
  const auto held = std::scoped_lock{mutex_};
  const auto found = workers_.find(id);
  return found == workers_.end() ? nullptr : *found;
}

result<std::shared_ptr<slot>> running_pipeline::receiver(std::string_view id) const {
  auto where = find(id);
  if (!where)
    return failure(errc::not_found, "there is no child " + std::string{id});
  if (!where->has_mailbox())
    return failure(errc::not_supported, std::string{id} + " takes no messages");
  return where;
}

result<void> running_pipeline::push(
  std::string_view id, const event_batch& what, time_point due) const {
  const auto where = receiver(id);
  if (!where)
    return tl::unexpected{where.error()};
  return (*where)->mailbox.push_until(what, due);
}

result<event_batch> running_pipeline::ask(
  std::string_view id, const event_batch& question, time_point due) const {
  const auto where = receiver(id);
  if (!where)
    return tl::unexpected{where.error()};
  auto answer = expected_answer<event_batch>{};
  (*where)->mailbox.put(
    question, std::make_shared<actors::ask>(answer.giver(), due), std::chrono::steady_clock::now());
  return answer.wait(due, std::string{id});
}

bool running_pipeline::wait_until_done(time_point deadline) const {
  auto held = std::unique_lock{mutex_};
  return done_changed_.wait_until(held, deadline, [&] { return done_; });
}

bool running_pipeline::is_done() const {
  const auto held = std::scoped_lock{mutex_};
  return done_;
}

pipeline_end running_pipeline::end() const {
  const auto held = std::scoped_lock{mutex_};
  return end_;
}

void running_pipeline::on_done(std::function<void()> call) {
  {
    const auto held = std::scoped_lock{mutex_};
    if (!done_) {
      on_done_.push_back(std::move(call));
      return;
    }
  }
  call();
}

// -- health ---------------------------------------------------------------------------------------

bool running_pipeline::is_ready(time_point now) const {
  const auto held = std::scoped_lock{mutex_};
  return has_been_ready_ && !done_
         && (!unready_since_ || now - *unready_since_ < spec_.supervision.ready_grace);
}

bool running_pipeline::is_live(time_point now) const {
  const auto since = reports_.unread_since();
  return !since || now - *since < late_after;
}

void running_pipeline::add_totals(health_totals& sum) const {
  const auto held = std::scoped_lock{mutex_};
  for (std::size_t i = 0; i < child_states; ++i)
    sum.by_state[i] += totals_.by_state[i];
  sum.restarts += totals_.restarts;
  sum.abandoned += totals_.abandoned;
}

bool running_pipeline::append_health(std::vector<child_health>& rows, time_point now,
  std::string_view after, std::size_t rows_max) const {
  const auto held = std::scoped_lock{mutex_};
  auto next = std::size_t{0};
  while (!after.empty() && next < declared_.size() && declared_[next]->id != after)
    ++next;
  if (!after.empty() && next < declared_.size()) // the page before ended with a declared child
    ++next;
  for (; next < declared_.size(); ++next) {
    if (rows.size() >= rows_max)
      return true;
    rows.push_back(row_of(*declared_[next], now));
  }
  for (auto x = workers_.upper_bound(after); x != workers_.end(); ++x) {
    if (rows.size() >= rows_max)
      return true;
    rows.push_back(row_of(**x, now));
  }
  return false;
}

/// The mutex is held.
child_health running_pipeline::row_of(const slot& where, time_point now) const {
  const auto& known = where.board;
  auto x = child_health{};
  x.id = where.id;
  x.kind = kind_of(where);
  x.state = known.state;
  x.since = span_between(known.since, now);
  x.incarnation = known.incarnation;
  x.attempt = known.attempt;
  x.attempts_max = where.rules().restart.backoff.attempts_max;
  if (known.next_try)
    x.next_try_in = span_between(now, *known.next_try);
  x.last_error = known.last_error;
  x.restarts_total = known.restarts_total;
  x.dead_letters = where.dead_letters;
  x.activity = where.activity.load();
  x.note = where.note.get();
  x.passed = where.passed();
  if (where.last_progress() != time_point{})
    x.progress_age = span_between(where.last_progress(), now);
  if (where.has_mailbox())
    x.mailbox = where.mailbox.health(now);
  if (const auto* who = where.downstream.held_by())
    x.held_by = who->id;
  return x;
}

// -- for the supervisor ---------------------------------------------------------------------------

slot* running_pipeline::at(std::size_t place) const {
  if (place < declared_.size())
    return declared_[place].get();
  const auto found = worker_places_.find(place);
  return found == worker_places_.end() ? nullptr : found->second;
}

slot& running_pipeline::add_worker(std::size_t place, const slot& pool, const worker& who) {
  auto made = std::make_shared<slot>(
    place, pool.id + "/" + who.id, pool.spec, reports_, out_, slot::origin::worker, who.args);
  made->owner = pool.owner;
  worker_places_.emplace(place, made.get());
  const auto held = std::scoped_lock{mutex_};
  return **workers_.insert(std::move(made)).first;
}

void running_pipeline::forget(std::size_t place) {
  const auto found = worker_places_.find(place);
  if (found == worker_places_.end())
    return;
  auto gone = std::shared_ptr<slot>{};
  {
    const auto held = std::scoped_lock{mutex_};
    gone = workers_.extract(workers_.find(std::string_view{found->second->id})).value();
  }
  worker_places_.erase(found);
}

void running_pipeline::for_each_slot(const std::function<void(slot&)>& call) const {
  for (const auto& x : declared_)
    call(*x);
  for (const auto& x : workers_) // nobody else changes the set
    call(*x);
}

namespace {

void tell_mailbox(slot& where, const restart_state& state, time_point now) {
  if (!where.has_mailbox())
    return;
  if (state.state() == child_state::starting || state.state() == child_state::backing_off
      || state.state() == child_state::waiting)
    where.mailbox.set_down(state.next_try(), now);
  else
    where.mailbox.set_up();
}

} // namespace

void running_pipeline::post(supervision_tree& rules, time_point now) {
  const auto changed = rules.take_changed();
  const auto held = std::scoped_lock{mutex_};
  for (const auto place : changed) {
    auto* where = at(place);
    const auto* child = rules.find(place);
    if (where == nullptr || child == nullptr)
      continue;
    if (where->came == slot::origin::worker || !where->is_group())
      totals_.restarts += child->restarts_total() - where->board.restarts_total;
    where->board = {child->state(), child->since(), child->incarnation(), child->attempt(),
      child->next_try(), child->last_error(), child->restarts_total()};
    tell_mailbox(*where, *child, now);
  }
  for (std::size_t i = 0; i < child_states; ++i)
    totals_.by_state[i] = rules.count(static_cast<child_state>(i));
  totals_.abandoned = rules.abandoned().size();
  if (rules.is_ready()) {
    has_been_ready_ = true;
    unready_since_.reset();
  } else if (!unready_since_) {
    unready_since_ = now;
  }
}

void running_pipeline::finish(const supervision_tree& rules, std::size_t undelivered) {
  for (const auto& listener : spec_.listeners)
    listener->at_end();
  auto calls = std::vector<std::function<void()>>{};
  {
    const auto held = std::scoped_lock{mutex_};
    end_.failed = rules.has_failed();
    end_.abandoned = rules.abandoned();
    end_.undelivered = undelivered;
    end_.text = end_.failed ? "failed: " + rules.failure() : "stopped";
    for (const auto& id : end_.abandoned)
      end_.text += "; abandoned " + id;
    if (end_.undelivered != 0)
      end_.text += "; " + std::to_string(end_.undelivered) + " batches were not delivered";
    done_ = true;
    calls = std::exchange(on_done_, {});
  }
  done_changed_.notify_all();
  for (const auto& call : calls)
    call();
}

} // namespace actors
