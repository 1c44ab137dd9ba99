#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/poison_guard.hpp"
#include "actors/runtime/slot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace actors {

/// Gives batches to a stage or sink so that one event that crashes it does not do so for ever:
/// whole at first, event by event after the second crash, without the events that crash alone.
/// Belongs to the host, so that it remembers across incarnations.
class batch_giver {
public:
  /// Calls `handle(part)` for the batch or its parts, until one returns false. True when all of the
  /// batch was given; otherwise it must be the next one given, and goes on behind that part. A
  /// throw is remembered and goes on.
  template <class Handle>
  bool give(const bounded_mailbox::delivery& next, slot& where, Handle handle) {
    if (!guard_.splits(next.id)) {
      part_.reset();
      return guarded(next, where, [&] { return handle(next.batch); });
    }
    for (auto i = std::exchange(resume_at_, 0); i < next.batch.size(); ++i) {
      if (guard_.leaves_out(next.id, i))
        continue;
      part_ = i;
      if (!guarded(next, where, [&] { return handle(batch_builder::only(next.batch, i)); })) {
        resume_at_ = i + 1;
        return false;
      }
    }
    part_.reset();
    return true;
  }

  /// What was not released will be given again, from its beginning.
  void rewind() { resume_at_ = 0; }

private:
  template <class Call>
  bool guarded(const bounded_mailbox::delivery& next, slot& where, Call call) {
    try {
      return call();
    } catch (...) {
      // A marker is never given up: a reader that is not told of `ready` waits for ever.
      const auto suspect = part_ && is_change(next.batch[*part_].type) ? part_ : std::nullopt;
      if (guard_.on_crash(next.id, suspect))
        bury(next.batch[*part_], where);
      throw;
    }
  }

  static void bury(const event& what, slot& where) {
    ++where.dead_letters;
    where.write_log(log_level::error, "dead_letter",
      {{"reason", "handler_crashed"}, {"type", std::string{name_of(what.type)}},
        {"path", std::string{what.path}}});
    const auto reason = "a change of this path was given up: it crashes " + where.id;
    where.obituaries.add(
      {.type = event_type::error, .path = what.path, .text = reason, .time = what.time});
  }

  poison_guard guard_;
  std::size_t resume_at_ = 0;       ///< of a split batch that was put aside
  std::optional<std::size_t> part_; ///< the event in work, of a batch that is split
};

} // namespace actors
