#pragma once

#include "actors/core/child_group.hpp"
#include "actors/core/dynamic_group.hpp"
#include "actors/core/time_point.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace actors {

/// A member of a tree, as it is declared: a child, or a group whose members are declared after it.
struct tree_member {
  enum class kind : std::uint8_t { child, group, pool };

  child_rules rules;
  kind what = kind::child;
  std::optional<std::size_t> group; ///< the place of the group it belongs to; none: the root
  supervision_rules group_rules;    ///< kind::group and kind::pool
  dynamic_group::limits pool_limits;
};

/// Supervisors under supervisors: the rules of a whole tree of groups, as a value. To the group
/// above, a group is a child: it is ready when its children are, crashed when it gave up, stopped
/// when they are.
///
/// Members have the places at which they are declared, 0, 1, ...; children that a pool gets later
/// have higher ones. Orders are given to children alone.
///
/// Has no clock and no actor, like the groups.
class supervision_tree {
public:
  supervision_tree(supervision_rules root, std::vector<tree_member> members);

  void start(time_point now);

  // What children report; as in `child_group`.
  void on_ready(std::size_t child, std::uint64_t incarnation, time_point now);
  void on_trouble(std::size_t child, std::uint64_t incarnation, trouble kind, std::string_view text,
    time_point now);
  void on_progress(std::size_t child, time_point when);
  void on_crashed(std::size_t child, std::uint64_t incarnation, std::string_view error,
    time_point now, double random = 0.5);
  void on_hung(std::size_t child, std::uint64_t incarnation, std::string_view where, time_point now,
    double random = 0.5);
  void on_ended(std::size_t child, std::uint64_t incarnation, time_point now, double random = 0.5);
  void on_drained(std::size_t child, std::uint64_t incarnation, time_point now);
  void on_stopped(std::size_t child, std::uint64_t incarnation, time_point now);
  void on_returned(std::string_view id);

  /// Begins the orderly stop; asked a second time, abandons who is still there.
  void stop(time_point now);
  void abandon(time_point now);

  /// As `child_group::reset`; a group can be reset too.
  bool reset(std::size_t member, time_point now);

  /// As `child_group::restart`.
  bool restart(std::size_t member, time_point now);

  struct added {
    dynamic_group::addition what;
    std::size_t child; ///< its place, when it was added
  };
  added add(std::size_t pool, child_rules rules, time_point now);
  bool remove(std::size_t child, time_point now);
  std::optional<std::size_t> find_in(std::size_t pool, std::string_view id) const;

  std::optional<time_point> next_due() const;
  void tick(time_point now, double random = 0.5);

  std::vector<supervision_order> take_orders() { return out_.take_orders(); }
  std::vector<notice> take_notices() { return out_.take_notices(); }
  std::vector<std::size_t> take_changed() { return out_.take_changed(); }

  child_group::phase now_in() const { return groups_.front().rules->now_in(); }
  bool has_failed() const { return groups_.front().rules->has_failed(); }
  const std::string& failure() const { return groups_.front().rules->failure(); }

  /// Every required child of every required group is ready or degraded.
  bool is_ready() const;

  /// Ids of the children with an instance that was let go and still runs.
  std::vector<std::string> abandoned() const;

  /// Nothing when there is no such member.
  const restart_state* find(std::size_t member) const;
  const std::string& id(std::size_t member) const;

  /// How many children (not groups) are in that state.
  std::size_t count(child_state state) const;

private:
  struct seat {
    std::size_t group;
    child_key key;
    std::optional<std::size_t> leads; ///< the group it is, seen from above
  };

  struct branch {
    std::unique_ptr<child_group> rules;
    std::optional<std::size_t> member; ///< its own place; none: the root
    bool is_required = true;
    dynamic_group* pool = nullptr;      ///< the same as `rules`, when it is one
    std::vector<std::size_t> members{}; ///< place by key; a pool's keys are places
    std::uint64_t incarnation = 0;
    bool told_ready = false;
    bool told_drained = false;
    bool told_end = true; ///< it does not run yet
    bool told_to_stop = false;
    std::size_t told_failed = 0; ///< children isolated
    bool is_touched = false;
  };

  const seat* seat_of(std::size_t member) const;
  dynamic_group* pool_at(std::size_t member);
  bool is_waited_for(const branch& where) const;
  child_group& parent_of(const branch& where) {
    return *groups_[seat_of(*where.member)->group].rules;
  }
  std::size_t member_of(const branch& where, child_key key) const {
    return where.pool != nullptr ? key : where.members[key];
  }
  template <class Call>
  void report(std::size_t child, time_point now, Call call);
  void touch(std::size_t group);
  void settle(time_point now);
  void pass_on(const branch& where, notice what);
  void route(branch& where, const supervision_order& order, time_point now);
  void command(std::size_t group, const supervision_order& order, time_point now);
  void report_up(branch& where, time_point now);
  void report_end(branch& where, time_point now);

  std::vector<branch> groups_; ///< the root is the first
  std::unordered_map<std::size_t, seat> seats_;
  std::size_t next_member_;
  std::vector<std::size_t> touched_; ///< groups with something to pass on
  std::optional<notice> report_;     ///< on the shutdown, until all is known
  supervision_outbox out_;
};

} // namespace actors
