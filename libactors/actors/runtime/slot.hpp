#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/runtime/bounded_mailbox.hpp"
#include "actors/runtime/child_spec.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/reports.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace actors {

/// What carries out the supervisor's orders for one slot: a CAF cell for a stage, a thread for a
/// source or a sink. Every call only leaves a note and returns.
class host {
public:
  virtual ~host() = default;

  virtual void start(std::uint64_t incarnation) = 0;
  virtual void drain() = 0;
  virtual void stop() = 0;

  /// The instance ignored its deadline: let go of whatever runs it, for ever.
  virtual void abandon() = 0;

  /// All is stopped: wait for what is in its last instructions.
  virtual void join() = 0;
};

/// The permanent identity of a child. Incarnations come and go; the slot keeps the mailbox, the
/// counters and the way downstream.
struct slot {
  slot(std::size_t slot_index, std::string full_id, child_spec child, report_box& box,
    const log_function& log_to)
    : index{slot_index}, id{std::move(full_id)}, spec{std::move(child)}, mailbox{spec.mailbox},
      reports{box}, log{log_to} {}

  const std::size_t index;
  const std::string id; ///< "pipeline/child"
  const child_spec spec;
  bounded_mailbox mailbox;
  slot* downstream = nullptr;
  std::uint64_t next_seq = 1; ///< kept value; touched by the instance alone
  batch_builder obituaries;   ///< kept value: error records for events that were given up
  report_box& reports;
  const log_function& log;
  std::unique_ptr<host> hosted_by;

  // Read by health from any thread, without asking.
  std::atomic<const char*> activity{"none"};
  std::atomic<time_point::rep> progress_at{0}; ///< steady clock
  std::atomic<std::uint64_t> dead_letters{0};

  void note_progress(const char* what, time_point now) {
    activity.store(what, std::memory_order_relaxed);
    progress_at.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }

  void report_to_supervisor(report::kind what, std::uint64_t incarnation, std::string text = {}) {
    reports.put({what, index, incarnation, std::move(text)});
  }

  /// Gives the batch its numbers, if it is this slot's task. Call it when it is sure to be handed
  /// on.
  event_batch numbered(event_batch batch) {
    if (!spec.numbers_output)
      return batch;
    const auto first = next_seq;
    next_seq += batch.size();
    return batch.numbered(first);
  }

  void write_log(log_level level, std::string_view event,
    std::vector<std::pair<std::string, std::string>> fields) const {
    fields.insert(fields.begin(), {"child", id});
    log({level, std::string{event}, std::move(fields)});
  }
};

} // namespace actors
