#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/protocol/context.hpp"
#include "actors/protocol/error.hpp"

#include <atomic>
#include <functional>
#include <utility>

namespace actors {

/// A question on its way through a mailbox. It is answered exactly once, whatever happens to it:
/// by the stage, or with the error that says why not. Shared by the mailbox and the cell that works
/// on it.
class ask {
public:
  using answer_function = std::function<void(result<event_batch>)>;

  /// `give` is called once, from any thread; it must not block. After `due` the asker has gone.
  ask(answer_function give, time_point due) : give_{std::move(give)}, due_{due} {}
  ~ask() { answer(failure(errc::closed, "the receiver is gone")); }
  ask(const ask&) = delete;
  ask& operator=(const ask&) = delete;

  /// Later calls do nothing.
  void answer(result<event_batch> what) {
    if (!answered_.exchange(true))
      give_(std::move(what));
  }

  time_point due() const { return due_; }

private:
  answer_function give_;
  time_point due_;
  std::atomic<bool> answered_{false};
};

} // namespace actors
