#pragma once

#include "actors/core/hang_watch.hpp"
#include "actors/core/supervision_tree.hpp"
#include "actors/runtime/host_maker.hpp"
#include "actors/runtime/messages.hpp"
#include "actors/runtime/running_pipeline.hpp"

#include <caf/event_based_actor.hpp>

#include <cstddef>
#include <memory>
#include <random>
#include <set>

namespace actors {

/// The actor around a `supervision_tree`: it turns reports into calls, orders into notes to the
/// hosts, notices into log lines and transitions, looks after handlers that take long, and keeps
/// one timer. It receives control alone, never data, so nothing a pipeline carries can make it
/// late.
class supervisor final : public caf::event_based_actor {
public:
  supervisor(caf::actor_config& config, std::shared_ptr<running_pipeline> pipeline,
    std::shared_ptr<host_maker> hosts);

protected:
  caf::behavior make_behavior() override;

private:
  void read_reports();
  void take_in(const report& what, time_point now);
  result<void> obey(const command& what, time_point now);
  result<void> reset(const std::string& child, time_point now);
  result<void> replace(const std::string& child, const product& made_by, time_point now);
  result<void> add(const std::string& pool, const std::vector<worker>& workers, time_point now);
  result<void> remove(const std::string& child, time_point now);
  void on_timer(const supervisor_timer& timer);
  void look_after(std::size_t place, time_point now);
  void forgive(time_point now);
  void follow_up();
  void carry_out(const supervision_order& order);
  void start(slot& where, std::uint64_t incarnation);
  void let_go(slot& where);
  void close(slot& where);
  bool nobody_wants_more() const;
  void end(slot& where);
  void finish();
  void tell(const notice& what);
  void tell_losses();
  void arm();
  std::optional<time_point> next_due() const;
  time_point now() const { return clock().now(); }
  double random() { return std::uniform_real_distribution<double>{0.0, 1.0}(spread_); }

  std::shared_ptr<running_pipeline> pipeline_; ///< shared with the node and all that runs
  std::shared_ptr<host_maker> hosts_;          ///< shared with the engine
  supervision_tree rules_;
  std::set<std::size_t> starting_; ///< places
  hang_watch hangs_;
  std::minstd_rand spread_;      ///< spreads restarts; nothing secret hangs on it
  std::set<std::size_t> losing_; ///< slots with losses nobody was told of
  std::optional<time_point> losses_due_;
  std::size_t undelivered_ = 0;
  std::uint64_t timer_generation_ = 0;
  std::optional<time_point> timer_due_;
};

} // namespace actors
