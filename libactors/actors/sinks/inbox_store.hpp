#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/core/inbox_limits.hpp"
#include "actors/os/wake_event.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace actors {

/// What an inbox of the host and the sinks that fill it have in common. Thread-safe.
///
/// Both events are levels, as descriptors are: `news` is up while there is something to take, and
/// for good once nobody fills it any more; `room` is up unless somebody was refused since.
class inbox_store {
public:
  /// Throws std::system_error when the machine has no descriptor left.
  explicit inbox_store(inbox_limits limits) : limits_{limits} {}

  int news_descriptor() const { return news_.descriptor(); }
  int room_descriptor() const { return room_.descriptor(); }

  /// False: there is no room, and `room` will say when.
  bool put(const event_batch& batch);

  /// The oldest; none: there is none.
  std::optional<event_batch> take();

  std::size_t size() const;

  /// A pipeline that fills it was started, or has ended.
  void add_feeder();
  void remove_feeder();

  /// It was filled by pipelines, all of them have ended, and all that they brought was taken.
  bool is_done() const;

  /// The host has let go of its inbox: nobody takes what is put here.
  void abandon();
  bool is_abandoned() const;

private:
  void show(); ///< sets `news_`; the mutex is held

  const inbox_limits limits_;
  wake_event news_;
  wake_event room_;
  mutable std::mutex mutex_; ///< held for a few instructions
  std::deque<event_batch> batches_;
  std::size_t bytes_ = 0;
  std::size_t feeders_ = 0;
  bool was_fed_ = false;
  bool is_shown_ = false;
  bool abandoned_ = false;
};

} // namespace actors
