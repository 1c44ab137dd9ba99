#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/latency_histogram.hpp"
#include "actors/core/log_sampler.hpp"
#include "actors/protocol/delivery_listener.hpp"
#include "actors/protocol/succession.hpp"
#include "actors/runtime/batch_giver.hpp"
#include "actors/runtime/bounded_mailbox.hpp"
#include "actors/runtime/child_spec.hpp"
#include "actors/runtime/lending_desk.hpp"
#include "actors/runtime/outflow.hpp"
#include "actors/runtime/outlets.hpp"
#include "actors/runtime/reports.hpp"
#include "actors/runtime/shared_text.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// What carries out the supervisor's orders for one slot: a CAF cell for a stage, a thread for a
/// source or a sink. Every call only leaves a note and returns.
class host {
public:
  virtual ~host() = default;

  virtual void start(std::uint64_t incarnation, succession how) = 0;
  virtual void drain() = 0;
  virtual void stop() = 0;

  /// The instance hangs: let go of whatever runs it, for ever. Nothing it does counts any more.
  virtual void abandon() = 0;

  /// All is stopped: wait for what is in its last instructions.
  virtual void join() = 0;
};

/// What the supervisor knows of a child, for health. Guarded by the pipeline.
struct board_row {
  child_state state = child_state::waiting;
  time_point since{};
  std::uint64_t incarnation = 0;
  std::uint32_t attempt = 0;
  std::optional<time_point> next_try;
  std::string last_error;
  std::uint64_t restarts_total = 0;
};

/// The permanent identity of a child. Incarnations come and go; the slot keeps the mailbox, the
/// counters and the way downstream. A group has a slot too, for its place and its row.
///
/// Shared by the pipeline and by what runs the present incarnation and the abandoned ones.
class slot final : public mailbox_observer, public std::enable_shared_from_this<slot> {
public:
  /// How it came to be.
  enum class origin : std::uint8_t {
    declared, ///< in the pipeline's spec
    worker,   ///< added to a pool, whose spec it shares
  };

  /// `child`, `box` and `out` belong to the pipeline, which outlives the slot.
  slot(std::size_t at, std::string full_id, const child_spec& child, report_box& box,
    const outlets& out, origin from = origin::declared, std::string worker_args = {})
    : place{at}, id{std::move(full_id)}, args{std::move(worker_args)}, spec{child}, came{from},
      mailbox{child.mailbox, this}, reports{box}, out_{out} {
    if (is_source() || is_sink())
      passage_ = std::make_unique<passage>();
  }

  const std::size_t place;
  const std::string id;   ///< "pipeline/child", "pipeline/pool/worker"
  const std::string args; ///< of a worker
  const child_spec& spec;
  const origin came;
  bounded_mailbox mailbox;
  outflow downstream;
  lending_desk desk; ///< of a sink
  report_box& reports;
  std::weak_ptr<void> owner; ///< the pipeline
  /// Of a sink: whoever wants to know what becomes of batches. The pipeline's; nullptr: nobody.
  const std::vector<std::shared_ptr<delivery_listener>>* listeners = nullptr;
  board_row board;

  // Touched by the supervisor alone.
  std::unique_ptr<host> hosted_by; ///< none: a group
  bool wants_no_more = false;      ///< a sink that has ended by itself
  succession next_start = succession::first;

  // Kept values: touched by the instance that has the lease, or by the supervisor when none has.
  std::uint64_t next_seq = 1;
  batch_giver giver;
  batch_builder obituaries; ///< error records for events that were given up
  batch_marks marks;        ///< of what was released, while downstream has no room for them

  // Read by health from any thread, without asking.
  std::atomic<const char*> activity{"none"};
  shared_text note;                            ///< what the child says it works with
  std::atomic<time_point::rep> progress_at{0}; ///< steady clock
  std::atomic<bool> busy{false};               ///< a handler runs
  std::atomic<bool> watched{true};             ///< the supervisor will look whether it hangs
  std::atomic<std::uint64_t> dead_letters{0};  ///< events given up

  /// What went by, for health and metrics.
  edge_counts passed() const;

  /// A source handed that on.
  void count_handed_on(const event_batch& batch);

  /// A sink has delivered that: how long ago was it noticed?
  void count_delivered(const event_batch& batch);

  /// What runs an incarnation holds on to the slot and its pipeline.
  struct hold {
    std::shared_ptr<void> pipeline;
    std::shared_ptr<slot> where;
  };
  hold held() { return {owner.lock(), shared_from_this()}; }

  bool is_source() const { return std::holds_alternative<source_factory>(spec.make); }
  bool is_sink() const { return std::holds_alternative<sink_factory>(spec.make); }
  bool is_group() const {
    return std::holds_alternative<group_spec>(spec.make)
           || (std::holds_alternative<pool_spec>(spec.make) && came == origin::declared);
  }
  bool has_mailbox() const { return !is_source() && !is_group(); }

  /// The rules it lives by.
  const child_rules& rules() const {
    return came == origin::worker ? std::get<pool_spec>(spec.make).rules : spec.rules;
  }

  /// From here on, incarnations are made by that. False when it is of another kind.
  bool replace(product made_by);

  std::unique_ptr<stage> make_stage(succession how) const;
  std::unique_ptr<source> make_source(succession how) const;
  std::unique_ptr<sink> make_sink(succession how) const;

  /// A handler runs, or goes on. The first time in a while the supervisor is asked to look after
  /// it: so nobody looks while nothing happens.
  void note_progress(const char* what, time_point now, std::uint64_t incarnation) {
    activity.store(what, std::memory_order_relaxed);
    progress_at.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    busy = true; // before `watched` is read: the supervisor does it the other way round
    if (!watched && !watched.exchange(true))
      report_to_supervisor(report::kind::busy, incarnation);
  }

  /// Nothing runs, or what runs waits for something outside.
  void note_idle() { busy.store(false, std::memory_order_release); }
  void note_waiting(const char* what) {
    activity.store(what, std::memory_order_relaxed);
    note_idle();
  }
  time_point last_progress() const { return time_point{time_point::duration{progress_at.load()}}; }

  void report_to_supervisor(report::kind what, std::uint64_t incarnation, std::string text = {}) {
    reports.put(report{what, place, incarnation, std::move(text)});
  }

  /// What the giver had in work crashed the handler, or hung it.
  void work_failed();

  void on_loss(loss reason, const event_batch& what) override;
  void on_pressure(bool high) override {
    report_to_supervisor(high ? report::kind::pressed : report::kind::eased, 0);
  }

  /// A batch comes for which room was reserved; whoever looks on sees it.
  void take_in(const event_batch& batch) {
    if (out_.taps->is_watched() && !batch.empty())
      out_.taps->show(id, batch);
    const auto is_done =
      desk.borrow([&] { mailbox.commit(batch, bounded_mailbox::waking::withheld); },
        [&] { mailbox.wake_consumer(); });
    if (!is_done)
      mailbox.commit(batch);
  }

  /// Tells of the losses that were counted and not told.
  void tell_untold_losses();

  /// Gives the batch its numbers, if it is this slot's task, and it has none of where it was made.
  /// Call it when it is sure to be handed on.
  event_batch numbered(event_batch batch) {
    if (!spec.numbers_output || batch.origin())
      return batch;
    const auto first = next_seq;
    next_seq += batch.size();
    return batch.numbered(first);
  }

  void write_log(log_level level, std::string_view event,
    std::vector<std::pair<std::string, std::string>> fields) const {
    fields.insert(fields.begin(), {"child", id});
    out_.log({level, std::string{event}, std::move(fields)});
  }

private:
  void bury(const event_batch& poison);
  void tell_losses(loss reason, std::uint64_t count);

  template <class Factory>
  Factory made_by() const;

  /// What a mailbox cannot count.
  struct passage {
    std::array<std::atomic<std::uint64_t>, event_types> handed_on{}; ///< by a source
    latency_histogram latency;                                       ///< of a sink
  };

  const outlets& out_;
  std::array<std::atomic<std::uint64_t>, losses> lost_{}; ///< batches
  std::unique_ptr<passage> passage_;                      ///< sources and sinks alone
  mutable std::mutex replacement_mutex_;
  std::unique_ptr<product> replacement_; ///< for the factory in the spec
  std::mutex samplers_mutex_;
  std::unique_ptr<std::array<log_sampler, losses>> samplers_; ///< most slots never lose anything
};

} // namespace actors
