#pragma once

#include "actors/core/bounded_queue.hpp"
#include "actors/core/dead_letter.hpp"
#include "actors/core/edge_counts.hpp"
#include "actors/core/event_batch.hpp"
#include "actors/core/health_snapshot.hpp"
#include "actors/protocol/context.hpp"
#include "actors/protocol/error.hpp"
#include "actors/runtime/ask.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
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

/// Told what a mailbox must not keep to itself, on any thread. Must only leave a note.
class mailbox_observer {
public:
  virtual ~mailbox_observer() = default;

  /// Something that was sent will not be handled. Called without the mailbox's lock.
  virtual void on_loss(loss reason, const event_batch& what) = 0;

  /// It is nearly full (true), or half empty again (false): once for each edge. Called with the
  /// mailbox's lock, so that edges are told in their order.
  virtual void on_pressure(bool high) = 0;
};

/// A slot's mailbox: a bounded queue that any thread may push to and one consumer takes from. It
/// belongs to the slot, so it outlives the stages that read from it.
///
/// No actor ever waits here: a full mailbox says so, and the sender is told when there is room. A
/// thread of the host may wait, with a deadline.
class bounded_mailbox {
public:
  explicit bounded_mailbox(mailbox_limits limits, mailbox_observer* observer = nullptr)
    : queue_{limits}, observer_{observer} {}

  /// Who is to be woken when something arrives; called on the sender's thread, once until `awake`.
  /// Must only leave a note.
  void set_consumer(std::function<void()> wake);

  const mailbox_limits& limits() const { return queue_.limits(); }

  // -- for senders

  /// Whether the batch may come. `full`: `sender` (if any) will be told of room. After `taken`,
  /// exactly one of `commit` and `cancel` must follow.
  [[nodiscard]] emit_result reserve(
    const event_batch& batch, const std::shared_ptr<room_listener>& sender);
  enum class waking : std::uint8_t { at_once, withheld };
  void commit(event_batch batch, waking how = waking::at_once);
  void cancel(const event_batch& batch);

  /// After a commit that withheld it.
  void wake_consumer();

  /// The two in one.
  emit_result push(event_batch batch, const std::shared_ptr<room_listener>& sender);

  /// For threads of the host: waits for room until `due`. Errors: full (the deadline passed),
  /// unavailable (`down_policy::reject`), closed. What a lossy policy loses counts as pushed.
  result<void> push_until(const event_batch& batch, time_point due);

  /// Puts a question in line. Its error comes at once, as the answer: full, unavailable, closed.
  void put(const event_batch& question, std::shared_ptr<ask> reply, time_point now);

  // -- for the consumer

  struct letter {
    event_batch batch;
    std::shared_ptr<ask> reply; ///< of a question
  };
  struct delivery {
    std::uint64_t id;
    event_batch batch;
    std::shared_ptr<ask> reply{};
  };
  using ending = bounded_queue<letter>::ending;

  /// The consumer looks at the mailbox now: from here on, an arrival wakes it again.
  void awake();
  std::optional<delivery> give();

  /// Returns the marks of what left.
  batch_marks release(std::uint64_t upto);

  /// Nothing that came before that delivery is unreleased.
  bool is_oldest(std::uint64_t id) const;

  /// Removes one question, answered or not.
  void finish(std::uint64_t id, ending how);

  /// A new incarnation is given everything unreleased again.
  void rewind();

  bool has_waiting() const;
  bool is_empty() const; ///< nothing is left unreleased
  double fill() const;

  // -- for the supervisor

  /// The child takes what is in it.
  void set_up();

  /// The child is not there; `next_try` says when it is tried again, if that is known. Questions
  /// whose deadline comes before that are answered: unavailable.
  void set_down(std::optional<time_point> next_try, time_point now);

  /// What becomes of what is left in a mailbox that closes, and of what still comes.
  enum class leftovers : std::uint8_t {
    lost,     ///< it is a loss like any other
    unwanted, ///< nobody waits for it any more: the mailbox counts it, and that is all
  };

  /// The slot will not run again, unless it is opened: what is left is evicted, what comes is lost
  /// and counted. Returns how many were left.
  std::size_t close(leftovers what = leftovers::lost);
  void open();

  mailbox_health health(time_point now) const;

  /// Records that came in, by type; those of questions are not counted.
  type_counts events() const;

private:
  using lock = std::unique_lock<std::mutex>;
  enum class state : std::uint8_t { up, down, closed };

  bool is_wanted() const;
  error why_not(time_point now) const;
  bool wait_for_room(std::size_t bytes, time_point due);
  void note_waiting();
  result<void> why_rejected() const;
  void arrived(const event_batch& batch, bounded_queue<letter>::outcome what, lock& held,
    waking how = waking::at_once);
  void tell_senders(lock& held);
  void left(lock& held);
  void ease(); ///< the pressure is over, if there was any
  static void bury(std::vector<letter> lost, loss reason, mailbox_observer* mourner);

  mutable std::mutex mutex_; ///< held for a few instructions
  bounded_queue<letter> queue_;
  mailbox_observer* const observer_;
  std::vector<std::shared_ptr<room_listener>> waiting_senders_; ///< each once; they are few
  std::condition_variable room_;                                ///< for threads of the host
  std::size_t waiting_threads_ = 0;
  std::optional<time_point> held_since_;
  std::function<void()> wake_;
  bool wake_pending_ = false;
  bool is_high_ = false;
  std::uint64_t questions_ = 0;
  type_counts events_{};
  state state_ = state::up;
  leftovers leftovers_ = leftovers::lost; ///< when it is closed
  std::optional<time_point> next_try_;
};

} // namespace actors
