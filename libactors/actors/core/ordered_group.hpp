#pragma once

#include "actors/core/child_group.hpp"

#include <optional>
#include <set>
#include <vector>

namespace actors {

/// A group whose children depend on each other in the order of their declaration: they start one
/// after the other, each when the one before is ready, and stop in reverse. So declare sinks first
/// and sources last. A child's key is its place.
///
/// Stopping: each child, last first, drains what the ones before it in that order handed on (who
/// crashes meanwhile starts once more, and drains again); then each is stopped; who ignores its
/// deadline is abandoned.
///
/// For up to a thousand children or so: a stop looks at each of them for each that goes.
class ordered_group final : public child_group {
public:
  ordered_group(supervision_rules rules, std::vector<child_rules> children,
    group_position position = group_position::root);

  void start(time_point now) override;
  std::optional<time_point> next_due() const override;
  void tick(time_point now, double random = 0.5) override;
  bool restart(child_key child, time_point now) override;
  bool has_started() const override { return in_order_.empty() && to_stop_.empty(); }
  std::size_t size() const override { return children_.size(); }
  const restart_state& child(child_key child) const { return children_[child].state; }

private:
  using child_group::seat_of;
  seat* seat_of(child_key child) override {
    return child < children_.size() ? &children_[child] : nullptr;
  }
  void each_seat(const std::function<void(seat&)>& call) override;
  void served(seat& member, time_point now) override;
  void backs_off(seat& member, time_point now) override;
  bool ends_for_now(seat& member, time_point now) override;
  void retired(seat& member) override;
  void restart_all(time_point due, time_point now) override;
  void forget_starts() override;
  void advance(time_point now) override;

  void restart_from(child_key first, time_point now);
  void stop_next_of_group(time_point now);
  bool start_next_in_order(time_point now);
  void drain_next(time_point now);
  void let_go_of_overdue(time_point now);
  void stop_next(time_point now);
  bool may_start(const seat& member) const;

  std::vector<seat> children_;
  std::set<child_key> in_order_; ///< start one after the other, each when the one before is ready
  std::set<child_key> to_stop_;  ///< siblings that a group restart still has to stop
  time_point group_due_{};       ///< when that group starts again
};

} // namespace actors
