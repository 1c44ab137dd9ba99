#pragma once

#include "actors/core/dynamic_group.hpp"

#include <string>
#include <utility>

#include "supervised_children.hpp"

namespace actors {

/// Plays the children of a dynamic group; its children get the keys 0, 1, ...
class dynamic_group_driver : public supervised_children<dynamic_group> {
public:
  explicit dynamic_group_driver(supervision_rules rules = {},
    group_position position = group_position::root, std::size_t children_max = 200'000)
    : supervised_children{dynamic_group{rules, {children_max}, position}} {
    keeps_open = position == group_position::nested;
    ends_closed = !keeps_open;
  }

  dynamic_group::addition add(child_rules rules) {
    const auto key = next_++;
    const auto id = rules.id;
    declare(key, id);
    const auto result = machine.add(key, std::move(rules), now);
    if (result == dynamic_group::addition::added)
      settle();
    else
      players.erase(key);
    return result;
  }

  dynamic_group::addition add(const std::string& id, restart_type type = restart_type::permanent) {
    auto rules = child_rules{};
    rules.id = id;
    rules.restart.type = type;
    return add(std::move(rules));
  }

  /// The key of the next child.
  std::size_t next_key() const { return next_; }

  bool remove(const std::string& id) { return remove(key_of(id)); }
  bool remove(std::size_t child) {
    const auto removed = machine.remove(child, now);
    settle();
    return removed;
  }

  void drain() {
    machine.drain(now);
    settle();
  }

  void halt() {
    machine.halt(now);
    settle();
  }

private:
  /// Only to finish draining.
  bool may_start(const player& who) const override {
    return machine.now_in() == phase::running
           || (machine.now_in() == phase::draining && who.must_come_back && !machine.has_failed());
  }

  std::size_t next_ = 0;
};

} // namespace actors
