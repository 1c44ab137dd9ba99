#pragma once

#include "actors/core/supervision.hpp"
#include "actors/runtime/messages.hpp"
#include "actors/runtime/running_pipeline.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <random>

namespace actors {

/// The actor around `supervision`: it turns reports into calls, orders into notes to the hosts,
/// notices into log lines, and keeps one timer. It receives control alone, never data, so nothing a
/// pipeline carries can make it late.
class supervisor final : public caf::event_based_actor {
public:
  supervisor(
    caf::actor_config& config, std::shared_ptr<running_pipeline> pipeline, supervision_rules rules);

protected:
  caf::behavior make_behavior() override;

private:
  void read_reports();
  void take_in(const report& what);
  void on_timer(const supervisor_timer& timer);
  void follow_up();
  void carry_out(const supervision_order& order);
  void tell(const notice& what);
  void arm();
  time_point now() const { return clock().now(); }

  std::shared_ptr<running_pipeline> pipeline_;
  supervision rules_;
  std::minstd_rand random_;    ///< spreads restarts; nothing secret hangs on it
  bool wants_no_more_ = false; ///< the sink ended by itself: what is left is nobody's loss
  std::uint64_t timer_generation_ = 0;
  std::optional<time_point> timer_due_;
};

} // namespace actors
