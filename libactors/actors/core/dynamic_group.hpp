#pragma once

#include "actors/core/child_group.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace actors {

/// A group of any number of children that know nothing of each other: they come and go while it
/// runs, start and stop all at once, and are found by id in constant time. (simple_one_for_one in
/// Erlang/OTP, DynamicSupervisor in Elixir.)
///
/// Stopping: all drain together, then all are stopped together, and share one deadline.
///
/// An event costs O(log n), whatever happens at once; a stop or a restart of the group O(n log n),
/// and the end of a significant child O(n).
class dynamic_group final : public child_group {
public:
  struct limits {
    /// Bounds memory; a child with an idle stage costs some 4 kB.
    std::size_t children_max = 200'000;
  };

  dynamic_group(
    supervision_rules rules, limits bounds, group_position position = group_position::root)
    : child_group{rules, position}, limits_{bounds} {}

  enum class addition : std::uint8_t { added, taken, full, not_running };

  /// Adds a child and starts it. `key` must be new. `taken`: a child has that id.
  addition add(child_key key, child_rules rules, time_point now);

  /// Stops it and forgets it; in a group that stops, when that starts again. False when there is
  /// none, or it is told already.
  bool remove(child_key key, time_point now);

  std::optional<child_key> key_of(std::string_view id) const;

  void start(time_point now) override;
  std::optional<time_point> next_due() const override;
  void tick(time_point now, double random = 0.5) override;
  bool has_started() const override { return phase_ != phase::idle; }
  std::size_t size() const override { return children_.size(); }

private:
  struct place {
    seat who;
    std::optional<time_point> due; ///< as it stands in `dues_`
    bool removed = false;          ///< to be forgotten when it has stopped
    bool restarts = false;         ///< told to stop by a group restart
    bool drains = false;           ///< counted in `drains_`

    place(child_key key, child_rules rules) : who{key, std::move(rules)} {}
  };

  using child_group::seat_of;
  place* place_of(child_key child);
  seat* seat_of(child_key child) override;
  void each_seat(const std::function<void(seat&)>& call) override;
  void served(seat& member, time_point now) override;
  void backs_off(seat& member, time_point now) override;
  bool ends_for_now(seat& member, time_point now) override;
  void retired(seat&) override {}
  void ended(seat& member) override;
  void restart_all(time_point due, time_point now) override;
  void forget_starts() override;
  void advance(time_point now) override;
  void changed(seat& member) override;

  void start_all(time_point now);
  void order_drains();
  void order_drain(seat& member);
  void order_stops(time_point now);
  void end_overdue(place& who, time_point now);
  void forget(place& who);
  bool waits_for_drain(const place& who) const;

  const limits limits_;
  std::map<child_key, place> children_; ///< in the order of coming; places stay where they are
  std::unordered_map<std::string_view, child_key> keys_; ///< the ids stand in `children_`
  std::set<std::pair<time_point, child_key>> dues_;
  time_point group_due_{};     ///< when those stopped by a group restart start again
  std::size_t drains_ = 0;     ///< children that have yet to drain
  bool told_to_drain_ = false; ///< all were
  bool told_to_stop_ = false;  ///< all were
};

} // namespace actors
