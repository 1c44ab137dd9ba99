#pragma once

#include "actors/os/wake_event.hpp"
#include "actors/runtime/lease.hpp"
#include "actors/runtime/slot.hpp"

#include <atomic>
#include <memory>
#include <thread>

namespace actors {

/// Runs each incarnation of a source or a sink, which may block, on a thread of its own.
///
/// A std::thread and not a detached CAF actor: ~actor_system waits for detached actors for ever, so
/// one that hangs would hang the host application. A thread can be let go.
class thread_host final : public host {
public:
  /// What the thread and the host share; the thread keeps it when it was abandoned.
  struct state final : room_listener {
    wake_event news; ///< data, room, a drain or a stop
    wake_event halt; ///< a stop
    std::atomic<bool> drain{false};
    std::atomic<bool> stop{false};
    lease right;

    void on_room() override { news.raise(); }
  };

  explicit thread_host(slot& where);
  ~thread_host() override { join(); }

  void start(std::uint64_t incarnation, succession how) override;
  void drain() override;
  void stop() override;
  void abandon() override;
  void join() override;

private:
  slot& slot_;
  std::shared_ptr<state> state_ = std::make_shared<state>();
  std::thread thread_;
};

} // namespace actors
