#pragma once

#include "actors/core/supervision_tree.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "supervised_children.hpp"

namespace actors {

/// Declares a tree; members are named by their ids, which must be unique here.
class tree_plan {
public:
  tree_plan& child(child_rules rules, const std::string& in = {}) {
    return declare(std::move(rules), tree_member::kind::child, in, {});
  }
  tree_plan& child(const std::string& id, const std::string& in = {}) {
    return child(rules_of(id), in);
  }
  tree_plan& group(child_rules rules, const std::string& in = {}, supervision_rules with = {}) {
    return declare(std::move(rules), tree_member::kind::group, in, with);
  }
  tree_plan& group(const std::string& id, const std::string& in = {}, supervision_rules with = {}) {
    return group(rules_of(id), in, with);
  }
  tree_plan& pool(const std::string& id, const std::string& in = {}, supervision_rules with = {}) {
    return declare(rules_of(id), tree_member::kind::pool, in, with);
  }

  std::vector<tree_member> members;
  std::map<std::string, std::size_t> places;

private:
  static child_rules rules_of(const std::string& id) {
    auto rules = child_rules{};
    rules.id = id;
    return rules;
  }

  tree_plan& declare(
    child_rules rules, tree_member::kind what, const std::string& in, supervision_rules with) {
    places[rules.id] = members.size();
    auto& member = members.emplace_back();
    member.rules = std::move(rules);
    member.what = what;
    if (!in.empty())
      member.group = places.at(in);
    member.group_rules = with;
    return *this;
  }
};

/// Plays the children of a tree. Whoever is not declared as a child, or added to a pool, gets no
/// orders: one that comes is a complaint.
class supervision_tree_driver : public supervised_children<supervision_tree> {
public:
  explicit supervision_tree_driver(tree_plan plan, supervision_rules root = {})
    : supervised_children{supervision_tree{root, plan.members}}, places{std::move(plan.places)} {
    keeps_open = true;
    for (std::size_t i = 0; i < plan.members.size(); ++i)
      if (plan.members[i].what == tree_member::kind::child)
        declare(i, plan.members[i].rules.id);
  }

  dynamic_group::addition add(const std::string& pool, child_rules rules) {
    const auto id = rules.id;
    // It is known from its first order on, which is taken after this.
    const auto [what, place] = machine.add(places.at(pool), std::move(rules), now);
    if (what == dynamic_group::addition::added)
      declare(place, id);
    settle();
    return what;
  }

  dynamic_group::addition add(
    const std::string& pool, const std::string& id, restart_type type = restart_type::permanent) {
    auto rules = child_rules{};
    rules.id = id;
    rules.restart.type = type;
    return add(pool, std::move(rules));
  }

  bool remove(std::size_t child) {
    const auto removed = machine.remove(child, now);
    settle();
    return removed;
  }
  bool remove(const std::string& id) { return remove(key_of(id)); }

  bool reset_group(const std::string& id) { return reset(places.at(id)); }

  const restart_state& group(const std::string& id) const { return *machine.find(places.at(id)); }

  /// How many notices of that kind are about that group.
  std::size_t count_of(notice_id id, const std::string& group) const {
    return static_cast<std::size_t>(std::count_if(notices.begin(), notices.end(),
      [&](const notice& x) { return x.id == id && x.child == places.at(group); }));
  }

  std::map<std::string, std::size_t> places; ///< of those who are declared
};

} // namespace actors
