#pragma once

#include "actors/os/wake_event.hpp"
#include "actors/runtime/batch_giver.hpp"
#include "actors/runtime/slot.hpp"

#include <atomic>
#include <memory>
#include <thread>

namespace actors {

/// Runs each incarnation on a thread of its own; the base of the hosts of sources and sinks, which
/// may block.
///
/// A std::thread and not a detached CAF actor: ~actor_system waits for detached actors for ever, so
/// one that hangs would hang the host application. A thread can be let go.
class thread_host : public host {
public:
  /// What the thread and the host share; the thread keeps it alive when it was abandoned.
  struct state {
    wake_event news; ///< data, room, a drain or a stop
    wake_event halt; ///< a stop
    std::atomic<bool> drain{false};
    std::atomic<bool> stop{false};
  };

  /// `keep_alive` is what owns the slot; a running thread holds on to it.
  thread_host(slot& where, std::weak_ptr<void> keep_alive)
    : slot_{where}, keep_alive_{std::move(keep_alive)} {}
  ~thread_host() override { join(); }

  void start(std::uint64_t incarnation) override;
  void drain() override;
  void stop() override;
  void abandon() override;
  void join() override;

protected:
  /// Lives one incarnation; returns when it has ended. Exceptions are crashes.
  virtual void live(std::uint64_t incarnation, state& shared) = 0;

  slot& slot_;
  std::shared_ptr<state> state_ = std::make_shared<state>();

private:
  void run(std::uint64_t incarnation);

  std::weak_ptr<void> keep_alive_;
  std::thread thread_;
};

/// Hosts a source. The source is told of room downstream through its wake descriptor.
class source_host final : public thread_host, public room_listener {
public:
  using thread_host::thread_host;

  void on_room() override { state_->news.raise(); }

protected:
  void live(std::uint64_t incarnation, state& shared) override;
};

/// Hosts a sink: gives it the batches of the slot's mailbox, one at a time.
class sink_host final : public thread_host {
public:
  sink_host(slot& where, std::weak_ptr<void> keep_alive);

protected:
  void live(std::uint64_t incarnation, state& shared) override;

private:
  batch_giver giver_;
};

} // namespace actors
