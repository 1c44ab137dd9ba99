#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/poison_guard.hpp"
#include "actors/runtime/bounded_mailbox.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace actors {

/// Says in which parts a delivery is given to a stage or sink, so that one event that crashes it
/// does not do so for ever: whole at first, event by event after the second crash, without the
/// events that crash alone.
///
/// Belongs to the slot, so that it remembers across incarnations.
class batch_giver {
public:
  /// The next part of that delivery to give; nothing when all of it was given. A delivery that was
  /// put aside goes on behind its last part.
  std::optional<event_batch> next_part(const bounded_mailbox::delivery& from) {
    if (!in_work_ || in_work_->id != from.id) {
      in_work_ = from;
      next_ = 0;
    }
    aside_ = false;
    if (!guard_.splits(from.id)) {
      part_.reset();
      return std::exchange(next_, all) == 0 ? std::optional{from.batch} : done();
    }
    while (next_ < from.batch.size()) {
      part_ = next_++;
      if (!guard_.leaves_out(from.id, *part_))
        return batch_builder::only(from.batch, *part_);
    }
    return done();
  }

  /// It crashed a handler before: it may have to be given in parts.
  bool is_suspect(std::uint64_t id) const { return guard_.is_suspect(id); }

  /// A question is in work: it has no parts.
  void begin(const bounded_mailbox::delivery& question) {
    in_work_ = question;
    part_.reset();
    aside_ = false;
  }

  /// The delivery goes on later, behind the part given last.
  void put_aside() { aside_ = true; }

  /// What the handler works on now; nothing when it is about something else.
  const bounded_mailbox::delivery* in_work() const {
    return in_work_ && !aside_ ? &*in_work_ : nullptr;
  }

  /// What is in work crashed the handler, or hung it. It will be given again from its beginning,
  /// without the event that is returned, if one is now known to be poison.
  std::optional<event_batch> failed() {
    const auto what = std::exchange(in_work_, std::nullopt);
    if (!what || aside_)
      return std::nullopt;
    // A marker is never given up: a reader that is not told of `ready` waits for ever.
    const auto suspect = part_ && is_change(what->batch[*part_].type) ? part_ : std::nullopt;
    if (!guard_.on_crash(what->id, suspect))
      return std::nullopt;
    return batch_builder::only(what->batch, *part_);
  }

  /// Nothing is in work any more: it was dealt with, or will be given again from its beginning.
  void let_go() { in_work_.reset(); }

private:
  static constexpr auto all = static_cast<std::size_t>(-1);

  std::optional<event_batch> done() {
    in_work_.reset();
    return std::nullopt;
  }

  poison_guard guard_;
  std::optional<bounded_mailbox::delivery> in_work_;
  bool aside_ = false;
  std::size_t next_ = 0;            ///< event of it to give next
  std::optional<std::size_t> part_; ///< the event in work, of a batch that is split
};

} // namespace actors
