#include "actors/runtime/cell.hpp"

#include <caf/exit_reason.hpp>
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
    : slot_context{self.slot_, incarnation}, self_{self} {}

  time_point now() const override { return self_.clock().now(); }

  emit_result emit(event_batch batch) override {
    if (batch.empty() || slot_.downstream == nullptr)
      return emit_result::taken;
    auto* listener = dynamic_cast<room_listener*>(slot_.hosted_by.get());
    if (blocked_ || !slot_.downstream->mailbox.reserve(batch, listener)) {
      blocked_ = true;
      return emit_result::full;
    }
    emits_.push_back(std::move(batch));
    return emit_result::taken;
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

  void commit() {
    for (auto& batch : emits_)
      slot_.downstream->mailbox.commit(slot_.numbered(std::move(batch)));
    if (release_ != 0)
      slot_.mailbox.release(std::exchange(release_, 0));
    for (const auto& [token, delay] : timers_)
      caf::delayed_anon_send<caf::message_priority::high>(
        caf::actor_cast<caf::actor>(&self_), delay, stage_timer{incarnation_, token});
    emits_.clear();
    timers_.clear();
  }

  void discard() {
    for (const auto& batch : emits_)
      slot_.downstream->mailbox.cancel(batch);
    emits_.clear();
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
  std::vector<event_batch> emits_; ///< room is reserved for each
  std::vector<std::pair<timer_token, std::chrono::milliseconds>> timers_;
  std::uint64_t given_ = 0;
  std::uint64_t release_ = 0;
  bool asked_ = false;
  timer_token last_timer_ = 0;
  bool blocked_ = false;
};

// -- the actor ------------------------------------------------------------------------------------

cell::cell(caf::actor_config& config, slot* where, std::shared_ptr<inbox> notes,
  std::weak_ptr<void> keep_alive)
  : caf::event_based_actor{config}, slot_{*where}, inbox_{std::move(notes)}, keep_alive_{
                                                                               keep_alive.lock()} {
  // CAF's own handlers print to standard output, which belongs to the data.
  set_default_handler(caf::drop);
  set_error_handler([](caf::scheduled_actor*, caf::error&) {});
  set_down_handler([](caf::scheduled_actor*, caf::down_msg&) {});
}

void cell::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) {
  const auto& content = what->content();
  if (content.match_elements<event_batch>()) {
    auto batch = content.get_as<event_batch>(0);
    const auto taken = slot_.mailbox.push(std::move(batch), nullptr) == emit_result::taken;
    if (what->sender && what->mid.is_request()) // answered at once, never by a time-out
      what->sender->enqueue(nullptr, what->mid.response_id(),
        taken ? caf::make_message()
              : caf::make_message(
                caf::make_error(caf::sec::runtime_error, std::string{"mailbox_full"})),
        unit);
    return;
  }
  if (content.match_elements<caf::exit_msg>())
    what->mid = what->mid.with_high_priority();
  caf::event_based_actor::enqueue(std::move(what), unit);
}

caf::behavior cell::make_behavior() {
  return {
    [this](data_waits) { deliver(); },
    [this](control_waits) { obey(); },
    [this](const stage_timer& timer) { on_timer(timer); },
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
    stage_ = std::get<stage_factory>(slot_.spec.make)();
    stage_->on_start(*context_);
  });
  if (!started)
    return;
  slot_.mailbox.rewind();
  giver_.rewind();
  rest_.reset();
  slot_.report_to_supervisor(report::kind::ready, incarnation);
  tell_obituaries();
  deliver();
}

/// When downstream is full, the room it tells of is taken for them first.
void cell::tell_obituaries() {
  if (slot_.obituaries.empty() || slot_.downstream == nullptr)
    return;
  run("obituary", [&] {
    auto records = slot_.obituaries.finish();
    if (context_->emit(records) == emit_result::full)
      slot_.obituaries.add(records);
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
    const auto all = giver_.give(next, slot_, [&](const event_batch& part) {
      context_->may_release(part.size() == next.batch.size() ? next.id : next.id - 1);
      stage_->on_batch(part, *context_);
      return part.size() == next.batch.size() || !context_->is_blocked();
    });
    if (!all) {
      rest_ = next;
      return;
    }
    const auto released = context_->has_released(); // with its last part, when it was split
    context_->may_release(next.id);
    if (released || !manual)
      context_->release();
  });
}

void cell::on_room() {
  if (!stage_ || !context_->is_blocked())
    return;
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
  drained_ = true;
  slot_.report_to_supervisor(report::kind::drained, incarnation_);
}

void cell::end() {
  stage_.reset();
  slot_.report_to_supervisor(report::kind::stopped, incarnation_);
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
  context_->commit();
  return true;
}

void cell::crash(const char* handler) {
  auto text = describe_crash(handler);
  context_->discard();
  stage_.reset();
  slot_.report_to_supervisor(report::kind::crashed, incarnation_, std::move(text));
}

// -- the host -------------------------------------------------------------------------------------

cell_host::cell_host(slot& where, std::weak_ptr<void> keep_alive, caf::actor_system& system)
  : actor_{system.spawn<cell>(&where, inbox_, std::move(keep_alive))} {
  where.mailbox.set_consumer([actor = actor_] { caf::anon_send(actor, data_waits{}); });
}

cell_host::~cell_host() {
  join();
}

void cell_host::start(std::uint64_t incarnation) {
  inbox_->incarnation = incarnation;
  leave(cell::start);
}

void cell_host::abandon() {
  actor_ = nullptr;
}

void cell_host::join() {
  if (actor_)
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  actor_ = nullptr;
}

void cell_host::leave(cell::note what) {
  if (inbox_->leave(what))
    caf::anon_send<caf::message_priority::high>(actor_, control_waits{});
}

} // namespace actors
