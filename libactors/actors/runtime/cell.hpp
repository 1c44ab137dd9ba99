#pragma once

#include "actors/runtime/messages.hpp"
#include "actors/runtime/slot.hpp"
#include "actors/runtime/slot_context.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace actors {

/// The CAF actor that hosts a stage. It outlives the stage objects: a crash destroys the object,
/// not the actor, so whoever holds the handle notices nothing but time.
///
/// `enqueue` diverts data into the slot's bounded mailbox, whoever sends it, and lets one wake-up
/// through; control goes to the front. So the actor's own mailbox never holds more than a wake-up,
/// a control note and the stage's timers.
class cell final : public caf::event_based_actor {
public:
  /// Orders and notes for the cell, from any thread. Bits: the same one twice is one.
  enum note : std::uint32_t { start = 1, drain = 2, stop = 4, room = 8 };

  /// What other threads share with the cell.
  struct inbox final : room_listener {
    std::atomic<std::uint32_t> notes{0};
    std::atomic<std::uint64_t> incarnation{0}; ///< to start
    std::atomic<succession> how{succession::first};
    lease right;
    struct emission {
      outflow::edge_set edges; ///< on which room is reserved for it
      event_batch batch;
    };
    std::vector<emission> emits; ///< touched under the lease
    caf::actor_addr reader;      ///< set once, before anyone else sees the inbox

    void leave(note what);
    void give_room_back(slot& where);
    void on_room() override { leave(room); }
  };

  cell(caf::actor_config& config, slot* where, std::shared_ptr<inbox> notes);
  ~cell() override;

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override;
  void on_exit() override;

protected:
  caf::behavior make_behavior() override;

private:
  class cell_context;

  void obey();
  void begin(std::uint64_t incarnation);
  void tell_obituaries();
  void deliver();
  void give(const bounded_mailbox::delivery& next);
  void pass_marks(const bounded_mailbox::delivery& next);
  std::optional<event_batch> next_part(const bounded_mailbox::delivery& from);
  void give_ask(const bounded_mailbox::delivery& next);
  void on_room();
  void on_timer(const stage_timer& timer);
  void settle_drain();
  void end();

  /// Runs one handler; a throw is a crash. False then, and when the cell was let go meanwhile.
  template <class Handler>
  bool run(const char* name, Handler handler);
  void crash(const char* handler);
  void report_if_counted(report::kind what); ///< not when the cell was let go

  slot::hold held_;
  slot& slot_;
  std::shared_ptr<inbox> inbox_; ///< shared with the host and with mailboxes that are full
  std::optional<bounded_mailbox::delivery> rest_; ///< given in parts; downstream was full midway
  std::unique_ptr<stage> stage_;                  ///< none: not started, crashed or stopped
  std::unique_ptr<cell_context> context_;
  std::uint64_t incarnation_ = 0;
  bool draining_ = false;
  bool drained_ = false;
};

/// Orders to a cell become notes.
class cell_host final : public host {
public:
  cell_host(slot& where, caf::actor_system& system);
  ~cell_host() override;

  void start(std::uint64_t incarnation, succession how) override;
  void drain() override { inbox_->leave(cell::drain); }
  void stop() override { inbox_->leave(cell::stop); }
  void abandon() override;
  void join() override;

  /// For hosts that want to send to the stage over CAF.
  const caf::actor& handle() const { return actor_; }

private:
  slot& slot_;
  std::shared_ptr<cell::inbox> inbox_ = std::make_shared<cell::inbox>();
  caf::actor actor_;
};

} // namespace actors
