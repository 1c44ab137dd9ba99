#include "actors/runtime/thread_host.hpp"

#include "actors/os/poll.hpp"
#include "actors/runtime/slot_context.hpp"

#include <string>
#include <system_error>

#include <pthread.h>

namespace actors {

// -- the thread -----------------------------------------------------------------------------------

void thread_host::start(std::uint64_t incarnation) {
  join(); // the incarnation before has reported its end: it is in its last instructions
  state_->drain = false;
  state_->stop = false;
  state_->halt.lower();
  try {
    thread_ = std::thread{[this, incarnation, alive = keep_alive_.lock()] { run(incarnation); }};
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

void thread_host::run(std::uint64_t incarnation) {
  const auto shared = state_;
  try {
    live(incarnation, *shared);
    slot_.report_to_supervisor(
      shared->stop ? report::kind::stopped : report::kind::ended, incarnation);
  } catch (...) {
    slot_.report_to_supervisor(report::kind::crashed, incarnation,
      describe_crash(slot_.activity.load(std::memory_order_relaxed)));
  }
}

// -- sources --------------------------------------------------------------------------------------

namespace {

class live_source_context final : public slot_context<source_context> {
public:
  live_source_context(
    slot& where, std::uint64_t incarnation, thread_host::state& shared, room_listener& listener)
    : slot_context{where, incarnation}, shared_{shared}, listener_{listener} {}

  time_point now() const override { return std::chrono::steady_clock::now(); }

  emit_result emit(event_batch batch) override {
    if (batch.empty())
      return emit_result::taken;
    auto& downstream = slot_.downstream->mailbox;
    if (!downstream.reserve(batch, &listener_))
      return emit_result::full;
    downstream.commit(slot_.numbered(std::move(batch)));
    return emit_result::taken;
  }

  int wake_descriptor() const override { return shared_.news.descriptor(); }
  bool acknowledge() override { return shared_.news.lower(); }
  bool drain_requested() const override { return shared_.drain; }
  bool stop_requested() const override { return shared_.stop; }
  void ready() override {
    if (!std::exchange(is_ready_, true))
      slot_.report_to_supervisor(report::kind::ready, incarnation_);
  }

private:
  thread_host::state& shared_;
  room_listener& listener_;
  bool is_ready_ = false;
};

} // namespace

void source_host::live(std::uint64_t incarnation, state& shared) {
  auto ctx = live_source_context{slot_, incarnation, shared, *this};
  ctx.progress("start");
  auto instance = std::get<source_factory>(slot_.spec.make)();
  instance->run(ctx);
  if (!shared.drain || shared.stop)
    return;
  slot_.report_to_supervisor(report::kind::drained, incarnation);
  while (!shared.stop) // drained, it waits for the stop like every child
    wait_readable({shared.halt.descriptor()}, std::nullopt);
}

// -- sinks ----------------------------------------------------------------------------------------

namespace {

class live_sink_context final : public slot_context<sink_context> {
public:
  live_sink_context(slot& where, std::uint64_t incarnation, thread_host::state& shared)
    : slot_context{where, incarnation}, shared_{shared} {}

  time_point now() const override { return std::chrono::steady_clock::now(); }
  int wake_descriptor() const override { return shared_.halt.descriptor(); }
  bool stop_requested() const override { return shared_.stop; }
  void end(std::string_view why, fate of_batch) override {
    has_ended_ = true;
    fate_ = of_batch;
    log(log_level::info, "sink_ended", {{"reason", std::string{why}}});
  }
  bool has_ended() const { return has_ended_; }
  bool has_delivered() const { return has_ended_ ? fate_ == fate::delivered : !stop_requested(); }

private:
  thread_host::state& shared_;
  bool has_ended_ = false;
  fate fate_ = fate::delivered;
};

} // namespace

sink_host::sink_host(slot& where, std::weak_ptr<void> keep_alive)
  : thread_host{where, std::move(keep_alive)} {
  where.mailbox.set_consumer([shared = state_] { shared->news.raise(); });
}

void sink_host::live(std::uint64_t incarnation, state& shared) {
  auto ctx = live_sink_context{slot_, incarnation, shared};
  ctx.progress("on_start");
  auto instance = std::get<sink_factory>(slot_.spec.make)();
  instance->on_start(ctx);
  slot_.mailbox.rewind();
  giver_.rewind();
  slot_.report_to_supervisor(report::kind::ready, incarnation);
  if (!slot_.obituaries.empty())
    instance->offer(slot_.obituaries.finish(), ctx); // the reader hears of it here
  auto drained = false;
  while (!shared.stop && !ctx.has_ended()) {
    slot_.mailbox.awake();
    if (auto next = slot_.mailbox.give()) {
      const auto give = [&](const event_batch& batch) {
        ctx.progress("offer");
        instance->offer(batch, ctx);
        return ctx.has_delivered();
      };
      if (giver_.give(*next, slot_, give))
        slot_.mailbox.release(next->id);
      continue;
    }
    if (shared.drain && !std::exchange(drained, true))
      slot_.report_to_supervisor(report::kind::drained, incarnation);
    ctx.progress("wait");
    wait_readable({shared.news.descriptor()}, std::nullopt);
    shared.news.lower();
  }
}

} // namespace actors
