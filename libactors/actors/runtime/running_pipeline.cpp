#include "actors/runtime/running_pipeline.hpp"

#include <utility>

namespace actors {

running_pipeline::running_pipeline(const pipeline_spec& spec, log_function log)
  : name_{spec.name}, log_{std::move(log)}, board_(spec.children.size()) {
  for (const auto& child : spec.children)
    slots_.push_back(
      std::make_unique<slot>(slots_.size(), name_ + "/" + child.rules.id, child, reports_, log_));
  for (auto& x : slots_)
    if (x->spec.downstream)
      x->downstream = slots_[*x->spec.downstream].get();
}

running_pipeline::~running_pipeline() = default;

bool running_pipeline::wait_until_done(time_point deadline) const {
  auto lock = std::unique_lock{mutex_};
  return done_changed_.wait_until(lock, deadline, [&] { return done_; });
}

bool running_pipeline::is_done() const {
  auto lock = std::scoped_lock{mutex_};
  return done_;
}

pipeline_end running_pipeline::end() const {
  auto lock = std::scoped_lock{mutex_};
  return end_;
}

void running_pipeline::on_done(std::function<void()> call) {
  {
    auto lock = std::scoped_lock{mutex_};
    if (!done_) {
      on_done_.push_back(std::move(call));
      return;
    }
  }
  call();
}

bool running_pipeline::is_ready() const {
  auto lock = std::scoped_lock{mutex_};
  return ready_;
}

void running_pipeline::append_health(std::vector<child_health>& rows, time_point now) const {
  const auto age = [&](time_point then) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - then);
  };
  auto lock = std::scoped_lock{mutex_};
  for (std::size_t i = 0; i < board_.size(); ++i) {
    const auto& known = board_[i];
    const auto& where = *slots_[i];
    auto x = child_health{};
    x.id = where.id;
    x.state = known.state;
    x.since = age(known.since);
    x.incarnation = known.incarnation;
    x.attempt = known.attempt;
    x.attempts_max = where.spec.rules.restart.backoff.attempts_max;
    if (known.next_try)
      x.next_try_in = -age(*known.next_try);
    x.last_error = known.last_error;
    x.restarts_total = known.restarts_total;
    x.dead_letters = where.dead_letters;
    x.activity = where.activity.load();
    if (const auto progress = where.progress_at.load(); progress != 0)
      x.progress_age = age(time_point{time_point::duration{progress}});
    if (!std::holds_alternative<source_factory>(where.spec.make))
      x.mailbox = where.mailbox.health(now);
    rows.push_back(std::move(x));
  }
}

void running_pipeline::post(const supervision& rules) {
  auto lock = std::scoped_lock{mutex_};
  ready_ = rules.is_ready();
  for (std::size_t i = 0; i < board_.size(); ++i) {
    const auto& child = rules.child(i);
    board_[i] = {child.state(), child.since(), child.incarnation(), child.attempt(),
      child.next_try(), child.last_error(), child.restarts_total()};
  }
}

void running_pipeline::finish(const supervision& rules) {
  auto calls = std::vector<std::function<void()>>{};
  {
    auto lock = std::scoped_lock{mutex_};
    end_.failed = rules.has_failed();
    for (auto i : rules.abandoned())
      end_.abandoned.push_back(slots_[i]->id);
    for (const auto& x : slots_)
      end_.undelivered += x->mailbox.health({}).counters.evicted;
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
