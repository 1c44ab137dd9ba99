#include "actors/runtime/cell.hpp"

#include "actors/runtime/question.hpp"
#include "actors/runtime/turn.hpp"

#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <utility>

namespace actors {

namespace {

/// Batches a turn: control is looked at between turns, so it waits for this many at most. Fewer
/// would cost wake-ups, more would let control wait ("within 10 data messages").
constexpr int batches_a_turn = 8;

} // namespace

// -- what a handler may do ------------------------------------------------------------------------

/// Collects what a handler wants done. `commit` does it when the handler has returned; `discard`
/// forgets it when it has thrown.
class cell::cell_context final : public slot_context<actors::context> {
public:
  cell_context(cell& self, std::uint64_t incarnation)
    : slot_context{self.slot_, incarnation, self.inbox_->right}, self_{self} {}

  time_point now() const override { return self_.clock().now(); }

  emit_result emit(event_batch batch) override {
    if (batch.empty() || slot_.downstream.leads_nowhere())
      return emit_result::taken;
    // It may be handed on before something older: only a release says what is downstream.
    batch = std::move(batch).unmarked();
    if (blocked_)
      return emit_result::full;
    auto verdict = emit_result::rejected; // it was let go: another speaks for this slot
    lease_.act([&] {
      const auto claim = slot_.downstream.reserve(batch, self_.inbox_);
      verdict = claim.verdict;
      if (verdict == emit_result::taken)
        self_.inbox_->emits.push_back({claim.taken, std::move(batch)});
    });
    blocked_ = verdict == emit_result::full;
    return verdict;
  }

  void release() override {
    release_ = given_;
    asked_ = true;
  }

  timer_token after(std::chrono::milliseconds delay) override {
    timers_.emplace_back(++last_timer_, delay);
    return last_timer_;
  }

  double input_fill() const override { return slot_.mailbox.fill(); }

  /// Under the lease.
  void commit() {
    if (release_ != 0)
      slot_.marks.add(slot_.mailbox.release(std::exchange(release_, 0)));
    auto emits = std::exchange(self_.inbox_->emits, {});
    if (!emits.empty() && !slot_.marks.empty()) // with the last of what became of it
      emits.back().batch = emits.back().batch.marked(std::exchange(slot_.marks, {}));
    for (auto& [edges, batch] : emits)
      slot_.downstream.commit(edges, slot_.numbered(std::move(batch)));
    hand_marks_on();
    for (const auto& [token, delay] : timers_)
      caf::delayed_anon_send<caf::message_priority::high>(
        caf::actor_cast<caf::actor>(&self_), delay, stage_timer{incarnation_, token});
    timers_.clear();
  }

  /// What was released is downstream, so downstream learns how far that was. Under the lease. False
  /// when there is no room for it now; then `on_room` follows.
  bool hand_marks_on() {
    if (slot_.marks.empty())
      return true;
    if (slot_.downstream.leads_nowhere()) {
      slot_.marks = {};
      return true;
    }
    const auto claim = slot_.downstream.reserve({}, self_.inbox_);
    if (claim.verdict == emit_result::taken)
      slot_.downstream.commit(claim.taken, event_batch{}.marked(std::exchange(slot_.marks, {})));
    return claim.verdict != emit_result::full; // rejected: they go with the next ones
  }

  void discard() {
    lease_.act([&] { self_.inbox_->give_room_back(slot_); });
    timers_.clear();
    release_ = 0;
  }

  /// Says which batches `release` lets go of.
  void may_release(std::uint64_t upto) {
    given_ = upto;
    asked_ = false;
  }

  /// The stage has let go of all it was given.
  bool has_released() const { return asked_; }

  /// Downstream said full; no batch is given until it has room.
  bool is_blocked() const { return blocked_; }
  void unblock() { blocked_ = false; }

private:
  cell& self_;
  std::vector<std::pair<timer_token, std::chrono::milliseconds>> timers_;
  std::uint64_t given_ = 0;
  std::uint64_t release_ = 0;
  bool asked_ = false;
  timer_token last_timer_ = 0;
  bool blocked_ = false;
};

// -- the actor ------------------------------------------------------------------------------------

cell::cell(caf::actor_config& config, slot* where, std::shared_ptr<inbox> notes)
  : caf::event_based_actor{config}, held_{where->held()}, slot_{*where}, inbox_{std::move(notes)} {
  // CAF's own handlers print to standard output, which belongs to the data.
  set_default_handler(caf::drop);
  set_error_handler([](caf::scheduled_actor*, caf::error&) {});
  set_down_handler([](caf::scheduled_actor*, caf::down_msg&) {});
}

cell::~cell() = default; // here, where its context is known

void cell::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) {
  const auto& content = what->content();
  if (content.match_elements<event_batch>()) {
    const auto& batch = content.get_as<event_batch>(0);
    if (what->sender && what->mid.is_request())
      slot_.mailbox.put(batch, question_of(*what), clock().now());
    else
      slot_.mailbox.push(batch, nullptr);
    return;
  }
  if (content.match_elements<caf::exit_msg>())
    what->mid = what->mid.with_high_priority();
  caf::event_based_actor::enqueue(std::move(what), unit);
}

void cell::on_exit() {
  stage_.reset();
  if (inbox_->right.is_revoked())
    slot_.report_to_supervisor(report::kind::returned, incarnation_);
}

caf::behavior cell::make_behavior() {
  return {
    [this](data_waits) {
      [[maybe_unused]] const auto now = turn{this};
      deliver();
    },
    [this](control_waits) {
      [[maybe_unused]] const auto now = turn{this};
      obey();
    },
    [this](const stage_timer& timer) {
      [[maybe_unused]] const auto now = turn{this};
      on_timer(timer);
    },
  };
}

void cell::obey() {
  const auto notes = inbox_->notes.exchange(0);
  if (notes & start)
    begin(inbox_->incarnation);
  if (notes & room)
    on_room();
  if (notes & drain) {
    draining_ = true;
    deliver();
  }
  if (notes & stop)
    end();
}

void cell::begin(std::uint64_t incarnation) {
  incarnation_ = incarnation;
  draining_ = drained_ = false;
  context_ = std::make_unique<cell_context>(*this, incarnation);
  const auto started = run("on_start", [&] {
    stage_ = slot_.make_stage(inbox_->how);
    stage_->on_start(*context_);
  });
  const auto counts = started && inbox_->right.act([&] {
    slot_.mailbox.rewind();
    slot_.giver.let_go();
    slot_.report_to_supervisor(report::kind::ready, incarnation);
  });
  if (!counts)
    return;
  rest_.reset();
  tell_obituaries();
  deliver();
}

/// When downstream is full, the room it tells of is taken for them first.
void cell::tell_obituaries() {
  auto records = event_batch{};
  inbox_->right.act([&] { records = slot_.obituaries.finish(); });
  if (records.empty() || slot_.downstream.leads_nowhere())
    return;
  run("obituary", [&] {
    if (context_->emit(records) == emit_result::full)
      inbox_->right.act([&] { slot_.obituaries.add(records); });
  });
}

void cell::deliver() {
  slot_.mailbox.awake();
  for (auto i = 0; i < batches_a_turn; ++i) {
    if (!stage_ || context_->is_blocked() || (inbox_->notes & stop) != 0)
      return;
    auto next = rest_ ? std::exchange(rest_, std::nullopt) : slot_.mailbox.give();
    if (!next)
      return settle_drain();
    if (next->reply)
      give_ask(*next);
    else if (next->batch.empty())
      pass_marks(*next);
    else
      give(*next);
  }
  if (slot_.mailbox.has_waiting())
    send(this, data_waits{}); // control that came meanwhile goes first
  else
    settle_drain();
}

void cell::give(const bounded_mailbox::delivery& next) {
  const auto manual = stage_->releases() == release_mode::manual;
  run("on_batch", [&] {
    while (const auto part = next_part(next)) {
      const auto is_whole = part->size() == next.batch.size();
      context_->may_release(is_whole ? next.id : next.id - 1);
      stage_->on_batch(*part, *context_);
      if (!is_whole && context_->is_blocked()) {
        inbox_->right.act([&] { slot_.giver.put_aside(); });
        rest_ = next;
        return;
      }
    }
    const auto released = context_->has_released(); // with its last part, when it was split
    context_->may_release(next.id);
    if (released || !manual)
      context_->release();
  });
}

/// Marks without records are nothing to the stage. They go on with what came before them: at once,
/// or when the stage releases that.
void cell::pass_marks(const bounded_mailbox::delivery& next) {
  const auto may_go =
    stage_->releases() == release_mode::on_return || slot_.mailbox.is_oldest(next.id);
  run("marks", [&] {
    context_->may_release(next.id);
    if (may_go)
      context_->release();
  });
}

/// None when all was given, or the cell was let go.
std::optional<event_batch> cell::next_part(const bounded_mailbox::delivery& from) {
  auto part = std::optional<event_batch>{};
  inbox_->right.act([&] { part = slot_.giver.next_part(from); });
  return part;
}

/// A question is answered or its handler crashes: either way it is not given again.
void cell::give_ask(const bounded_mailbox::delivery& next) {
  auto answer = result<event_batch>{failure(errc::timed_out, "it waited in line too long")};
  inbox_->right.act([&] { slot_.giver.begin(next); });
  const auto returned = context_->now() > next.reply->due()
                        || run("on_ask", [&] { answer = stage_->on_ask(next.batch, *context_); });
  const auto counted = returned && inbox_->right.act([&] {
    slot_.giver.let_go();
    slot_.mailbox.finish(next.id, bounded_mailbox::ending::handled);
  });
  if (counted)
    next.reply->answer(std::move(answer));
}

void cell::on_room() {
  if (!stage_)
    return;
  inbox_->right.act([&] { context_->hand_marks_on(); });
  if (!context_->is_blocked())
    return settle_drain();
  context_->unblock();
  tell_obituaries();
  if (!context_->is_blocked() && run("on_room", [&] { stage_->on_room(*context_); }))
    deliver();
}

void cell::on_timer(const stage_timer& timer) {
  if (!stage_ || timer.incarnation != incarnation_)
    return;
  if (run("on_timer", [&] { stage_->on_timer(timer.token, *context_); }))
    settle_drain();
}

/// Everything accepted has been given: the stage hands on what it holds, and is drained when that
/// is downstream.
void cell::settle_drain() {
  if (!draining_ || drained_ || context_->is_blocked() || slot_.mailbox.has_waiting())
    return;
  if (!run("on_drain", [&] { stage_->on_drain(*context_); }) || context_->is_blocked())
    return;
  auto all_said = true;
  inbox_->right.act([&] { all_said = context_->hand_marks_on(); });
  if (!all_said)
    return;
  drained_ = true;
  report_if_counted(report::kind::drained);
}

void cell::end() {
  stage_.reset();
  report_if_counted(report::kind::stopped);
}

void cell::report_if_counted(report::kind what) {
  inbox_->right.act([&] { slot_.report_to_supervisor(what, incarnation_); });
}

template <class Handler>
bool cell::run(const char* name, Handler handler) {
  context_->progress(name);
  try {
    handler();
  } catch (...) {
    crash(name);
    return false;
  }
  const auto counts = inbox_->right.act([&] {
    context_->commit();
    slot_.note_idle();
  });
  if (!counts) { // it hung, and another has taken its place: what it did is void
    context_->discard();
    stage_.reset();
  }
  return counts;
}

void cell::crash(const char* handler) {
  auto text = describe_crash(handler);
  context_->discard();
  stage_.reset();
  inbox_->right.act([&] {
    slot_.note_idle();
    slot_.work_failed();
    slot_.report_to_supervisor(report::kind::crashed, incarnation_, std::move(text));
  });
}

} // namespace actors
