#include "actors/runtime/thread_host.hpp"

#include "actors/core/time_point.hpp"
#include "actors/os/poll.hpp"
#include "actors/runtime/slot_context.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <string>
#include <system_error>

#include <pthread.h>

namespace actors {

// -- sources --------------------------------------------------------------------------------------

namespace {

class live_source_context final : public slot_context<source_context> {
public:
  live_source_context(
    slot& where, std::uint64_t incarnation, const std::shared_ptr<thread_host::state>& shared)
    : slot_context{where, incarnation, shared->right}, shared_{shared} {}

  time_point now() const override { return std::chrono::steady_clock::now(); }

  emit_result emit(event_batch batch) override {
    if (batch.is_void())
      return emit_result::taken;
    auto verdict = emit_result::rejected; // it was let go: another speaks for this slot
    lease_.act([&] {
      const auto claim = slot_.downstream.reserve(batch, shared_);
      verdict = claim.verdict;
      if (verdict != emit_result::taken)
        return;
      slot_.count_handed_on(batch);
      slot_.downstream.commit(claim.taken, slot_.numbered(std::move(batch)));
    });
    return verdict;
  }

  int wake_descriptor() const override { return shared_->news.descriptor(); }
  bool acknowledge() override { return shared_->news.lower(); }
  bool drain_requested() const override { return shared_->drain; }
  bool stop_requested() const override { return shared_->stop; }
  void ready() override {
    if (!std::exchange(is_ready_, true)) {
      waiting("run"); // only what it calls progress from here on can hang
      report(report::kind::ready);
    }
  }

private:
  std::shared_ptr<thread_host::state> shared_;
  bool is_ready_ = false;
};

void live_source(slot& where, std::uint64_t incarnation, succession how,
  const std::shared_ptr<thread_host::state>& shared) {
  auto ctx = live_source_context{where, incarnation, shared};
  ctx.progress("start");
  auto instance = where.make_source(how);
  instance->run(ctx);
  if (!shared->drain || shared->stop)
    return;
  ctx.waiting("stop");
  ctx.report(report::kind::drained);
  while (!shared->stop) // drained, it waits for the stop like every child
    wait_readable({shared->halt.descriptor()}, std::nullopt);
}

} // namespace

// -- sinks ----------------------------------------------------------------------------------------

namespace {

class live_sink_context final : public slot_context<sink_context> {
public:
  live_sink_context(slot& where, std::uint64_t incarnation, thread_host::state& shared,
    std::function<void(std::size_t)> release)
    : slot_context{where, incarnation, shared.right}, shared_{shared}, release_{
                                                                         std::move(release)} {}

  time_point now() const override { return std::chrono::steady_clock::now(); }
  int wake_descriptor() const override { return shared_.halt.descriptor(); }
  bool stop_requested() const override { return shared_.stop; }
  void lost(const event_batch& records) override {
    lease_.act([&] { slot_.on_loss(loss::refused, records); });
  }
  void release(std::size_t offers) override { release_(offers); }
  void end(std::string_view why, fate of_batch) override {
    has_ended_ = true;
    fate_ = of_batch;
    log(log_level::info, "sink_ended", {{"reason", std::string{why}}});
  }
  bool has_ended() const { return has_ended_; }
  bool has_delivered() const { return has_ended_ ? fate_ == fate::delivered : !stop_requested(); }

private:
  thread_host::state& shared_;
  std::function<void(std::size_t)> release_;
  bool has_ended_ = false;
  fate fate_ = fate::delivered;
};

/// One incarnation of a sink: takes from the mailbox and offers.
class live_sink final : public idle_worker {
public:
  live_sink(slot& where, std::uint64_t incarnation, thread_host::state& shared)
    : where_{where}, shared_{shared}, context_{where, incarnation, shared,
                                        [this](std::size_t offers) { release(offers); }} {}

  void run(succession how) {
    context_.progress("on_start");
    sink_ = where_.make_sink(how);
    is_manual_ = sink_->releases() == release_mode::manual;
    sink_->on_start(context_);
    const auto counts = shared_.right.act([&] {
      where_.mailbox.rewind();
      where_.giver.let_go();
    });
    if (!counts)
      return;
    context_.report(report::kind::ready);
    tell_obituaries();
    while (!shared_.stop && !context_.has_ended()) {
      where_.mailbox.awake();
      if (const auto next = rest_ ? std::exchange(rest_, std::nullopt) : take())
        next->reply ? answer_no(*next) : give(*next);
      else
        wait();
    }
  }

private:
  std::optional<bounded_mailbox::delivery> take() {
    auto next = std::optional<bounded_mailbox::delivery>{};
    shared_.right.act([&] { next = where_.mailbox.give(); });
    return next;
  }

  void give(const bounded_mailbox::delivery& next) {
    for (;;) {
      auto part = std::optional<event_batch>{};
      if (!shared_.right.act([&] { part = where_.giver.next_part(next); }))
        return;
      if (!part)
        return finish(next.id);
      if (part->empty())
        continue; // marks alone are nothing to a sink
      context_.progress("offer");
      offer(*part);
      if (!context_.has_delivered())
        return;
    }
  }

  void offer(const event_batch& records) {
    tell_listeners([&](delivery_listener& x) { x.before_offer(where_.place, records); });
    if (is_manual_)
      on_their_way_.push_back({records, std::nullopt}); // it may be released before it returns
    sink_->offer(records, context_);
    if (!is_manual_ && context_.has_delivered())
      where_.count_delivered(records);
  }

  /// All parts of that delivery were offered.
  void finish(std::uint64_t delivery) {
    if (on_their_way_.empty())
      let_go(delivery);
    else
      on_their_way_.back().completes = delivery;
  }

  /// The oldest so many are where they were to go.
  void release(std::size_t offers) {
    auto upto = std::optional<std::uint64_t>{};
    for (; offers > 0 && !on_their_way_.empty(); --offers) {
      const auto& oldest = on_their_way_.front();
      where_.count_delivered(oldest.records);
      if (oldest.completes)
        upto = oldest.completes;
      on_their_way_.pop_front();
    }
    if (upto)
      let_go(*upto);
  }

  void let_go(std::uint64_t upto) {
    auto marks = batch_marks{};
    const auto counts = shared_.right.act([&] { marks = where_.mailbox.release(upto); });
    if (counts && !marks.empty())
      tell_listeners([&](delivery_listener& x) { x.delivered(where_.place, marks); });
  }

  template <class Call>
  void tell_listeners(Call call) {
    if (where_.listeners != nullptr)
      for (const auto& x : *where_.listeners)
        call(*x);
  }

  /// Sinks answer no questions.
  void answer_no(const bounded_mailbox::delivery& question) {
    question.reply->answer(failure(errc::not_supported, where_.id + " answers no questions"));
    shared_.right.act(
      [&] { where_.mailbox.finish(question.id, bounded_mailbox::ending::handled); });
  }

  void wait() {
    context_.waiting("wait");
    if (shared_.drain && on_their_way_.empty() && !std::exchange(drained_, true))
      context_.report(report::kind::drained);
    if (const auto own = sink_->news_descriptor(); own >= 0) {
      wait_readable({shared_.news.descriptor(), own}, time_left());
      shared_.news.lower();
      if (shared_.stop)
        return;
      context_.progress("tend");
      return sink_->tend(context_);
    }
    {
      const auto lent = lending_desk::loan{where_.desk, *this};
      wait_readable({shared_.news.descriptor()}, std::nullopt);
    }
    shared_.news.lower();
    if (crash_)
      std::rethrow_exception(std::exchange(crash_, nullptr));
  }

  /// Until the sink has something to do by itself.
  std::optional<std::chrono::milliseconds> time_left() const {
    return left_until(sink_->next_due(), context_.now());
  }

  /// On the thread of a sender, while `wait` waits. Not for listeners: they may write to a disk.
  bool serve() override {
    if (crash_ || rest_ || where_.listeners != nullptr)
      return false;
    where_.mailbox.awake();
    while (!shared_.stop) {
      rest_ = take();
      if (!rest_)
        return true;
      if (!serve(*rest_))
        return false;
      rest_.reset();
    }
    return false;
  }

  bool serve(const bounded_mailbox::delivery& next) {
    if (next.reply || next.batch.empty() || where_.giver.is_suspect(next.id))
      return false;
    try {
      context_.progress("offer");
      if (!sink_->offer_now(next.batch, context_))
        return false;
    } catch (...) { // a crash like any other, on the sink's own thread
      crash_ = std::current_exception();
      shared_.right.act([&] { static_cast<void>(where_.giver.next_part(next)); });
      return false;
    }
    where_.count_delivered(next.batch);
    context_.waiting("wait");
    return shared_.right.act([&] { where_.mailbox.release(next.id); });
  }

  /// The reader hears of what was given up. A record that crashes the sink too is lost, and
  /// counted.
  void tell_obituaries() {
    auto records = event_batch{};
    shared_.right.act([&] { records = where_.obituaries.finish(); });
    if (records.empty())
      return;
    try {
      offer(records);
    } catch (...) {
      where_.on_loss(loss::crashed, records);
      throw;
    }
  }

  slot& where_;
  thread_host::state& shared_;
  live_sink_context context_;
  std::unique_ptr<sink> sink_;
  bool is_manual_ = false;
  bool drained_ = false;

  /// Offers that were taken and not released; the mailbox bounds them.
  struct offered {
    event_batch records;
    std::optional<std::uint64_t> completes; ///< the delivery of which it is the last part
  };
  std::deque<offered> on_their_way_;

  // Touched by whoever has the sink: its own thread, or a sender while that waits.
  std::optional<bounded_mailbox::delivery> rest_; ///< a sender took it, and left it to this thread
  std::exception_ptr crash_;                      ///< of a sender that delivered
};

} // namespace

// -- the thread -----------------------------------------------------------------------------------

namespace {

/// Lives one incarnation; the host may be gone before it ends.
void live(slot& where, std::uint64_t incarnation, succession how,
  const std::shared_ptr<thread_host::state>& shared) {
  auto end = report::kind::ended;
  auto text = std::string{};
  try {
    if (where.is_source())
      live_source(where, incarnation, how, shared);
    else
      live_sink{where, incarnation, *shared}.run(how);
    if (shared->stop)
      end = report::kind::stopped;
  } catch (...) {
    end = report::kind::crashed;
    text = describe_crash(where.activity.load(std::memory_order_relaxed));
  }
  const auto counts = shared->right.act([&] {
    where.note_idle();
    if (end == report::kind::crashed)
      where.work_failed();
    where.report_to_supervisor(end, incarnation, std::move(text));
  });
  if (!counts)
    where.report_to_supervisor(report::kind::returned, incarnation);
}

} // namespace

thread_host::thread_host(slot& where) : slot_{where} {
  if (!where.is_source())
    where.mailbox.set_consumer([shared = state_] { shared->news.raise(); });
}

void thread_host::start(std::uint64_t incarnation, succession how) {
  join(); // the incarnation before has reported its end: it is in its last instructions
  state_->drain = false;
  state_->stop = false;
  state_->halt.lower();
  try {
    thread_ = std::thread{[held = slot_.held(), shared = state_, incarnation, how] {
      live(*held.where, incarnation, how, shared);
    }};
  } catch (const std::system_error& x) { // no thread left on this machine: a failed start
    return slot_.report_to_supervisor(
      report::kind::crashed, incarnation, std::string{"starting a thread: "} + x.what());
  }
  const auto name = slot_.id.substr(slot_.id.find('/') + 1).substr(0, 15); // prctl(2): 15 bytes
  ::pthread_setname_np(thread_.native_handle(), name.c_str());
}

void thread_host::drain() {
  state_->drain = true;
  state_->news.raise();
}

void thread_host::stop() {
  state_->stop = true;
  state_->halt.raise();
  state_->news.raise();
}

void thread_host::abandon() {
  state_->right.revoke();
  stop();
  if (thread_.joinable())
    thread_.detach();
}

void thread_host::join() {
  if (!thread_.joinable())
    return;
  if (thread_.get_id() == std::this_thread::get_id()) // it held the last reference to its own host
    thread_.detach();
  else
    thread_.join();
}

} // namespace actors
