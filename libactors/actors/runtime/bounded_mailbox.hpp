#pragma once

#include "actors/core/bounded_queue.hpp"
#include "actors/core/event_batch.hpp"
#include "actors/core/health_snapshot.hpp"
#include "actors/protocol/context.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace actors {

/// Told when a mailbox that said full has room again. Called on the consumer's thread: it must only
/// leave a note.
class room_listener {
public:
  virtual ~room_listener() = default;
  virtual void on_room() = 0;
};

/// A slot's mailbox: a bounded queue that any thread may push to and one consumer takes from. It
/// belongs to the slot, so it outlives the stages that read from it.
///
/// Nobody ever waits here: a full mailbox says so, and the sender is told when there is room.
class bounded_mailbox {
public:
  explicit bounded_mailbox(mailbox_limits limits) : queue_{limits} {}

  /// Who is to be woken when something arrives; called on the sender's thread, once until `awake`.
  /// Must only leave a note.
  void set_consumer(std::function<void()> wake) { wake_ = std::move(wake); }

  // -- for senders

  /// False when full; `sender` (if any) will be told of room. After true, exactly one of `commit`
  /// and `cancel` must follow.
  [[nodiscard]] bool reserve(const event_batch& batch, room_listener* sender);
  void commit(event_batch batch);
  void cancel(const event_batch& batch);

  /// The two in one.
  emit_result push(event_batch batch, room_listener* sender);

  // -- for the consumer

  struct delivery {
    std::uint64_t id;
    event_batch batch;
  };

  /// The consumer looks at the mailbox now: from here on, an arrival wakes it again.
  void awake();
  std::optional<delivery> give();
  void release(std::uint64_t upto);

  /// A new incarnation is given everything unreleased again.
  void rewind();

  bool has_waiting() const;
  bool is_empty() const; ///< nothing is left unreleased
  double fill() const;

  /// The slot will not run again: what is left is lost and counted, what comes is too. Returns how
  /// many batches were left.
  std::size_t close();

  mailbox_health health(time_point now) const;

private:
  void tell_senders(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_; ///< held for a few instructions
  bounded_queue<event_batch> queue_;
  std::vector<room_listener*> waiting_senders_; ///< each at most once; senders are few
  std::optional<time_point> held_since_;
  std::function<void()> wake_;
  bool wake_pending_ = false;
  bool closed_ = false;
};

} // namespace actors
