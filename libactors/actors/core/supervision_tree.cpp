#include "actors/core/supervision_tree.hpp"

#include "actors/core/earliest.hpp"
#include "actors/core/ordered_group.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace actors {

namespace {

using kind = tree_member::kind;

/// Longer than anything runs, and far from the end of the clock.
constexpr auto no_deadline = std::chrono::hours{24 * 365 * 10};

/// The members of one group, and their places.
struct roster {
  std::vector<child_rules> rules;
  std::vector<std::size_t> places;
};

roster members_of(std::optional<std::size_t> group, const std::vector<tree_member>& all) {
  auto result = roster{};
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].group == group) {
      result.rules.push_back(all[i].rules);
      result.places.push_back(i);
    }
  return result;
}

/// Deadlines of its own would only get in the way of its children's.
void suit_group(tree_member& member) {
  member.rules.restart.start_deadline = no_deadline;
  if (!member.rules.stop_deadline)
    member.rules.stop_deadline = member.group_rules.total_deadline;
}

} // namespace

supervision_tree::supervision_tree(supervision_rules root, std::vector<tree_member> members)
  : next_member_{members.size()} {
  for (auto& member : members)
    if (member.what != kind::child)
      suit_group(member);
  auto top = members_of(std::nullopt, members);
  groups_.push_back({std::make_unique<ordered_group>(root, std::move(top.rules)), std::nullopt,
    true, nullptr, std::move(top.places)});
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].what == kind::group) {
      auto those = members_of(i, members);
      groups_.push_back({std::make_unique<ordered_group>(
                           members[i].group_rules, std::move(those.rules), group_position::nested),
        i, members[i].rules.required, nullptr, std::move(those.places)});
    } else if (members[i].what == kind::pool) {
      auto pool = std::make_unique<dynamic_group>(
        members[i].group_rules, members[i].pool_limits, group_position::nested);
      auto* rules = pool.get();
      groups_.push_back({std::move(pool), i, members[i].rules.required, rules});
    }
  }
  for (std::size_t g = 0; g < groups_.size(); ++g)
    for (child_key key = 0; key < groups_[g].members.size(); ++key)
      seats_.emplace(groups_[g].members[key], seat{g, key, std::nullopt});
  for (std::size_t g = 1; g < groups_.size(); ++g)
    seats_.at(*groups_[g].member).leads = g;
}

// -- in -------------------------------------------------------------------------------------------

void supervision_tree::start(time_point now) {
  groups_.front().rules->start(now);
  touch(0);
  settle(now);
}

template <class Call>
void supervision_tree::report(std::size_t child, time_point now, Call call) {
  if (const auto* x = seat_of(child)) {
    call(*groups_[x->group].rules, x->key);
    touch(x->group);
    settle(now);
  }
}

void supervision_tree::on_ready(std::size_t child, std::uint64_t incarnation, time_point now) {
  report(
    child, now, [&](child_group& rules, child_key key) { rules.on_ready(key, incarnation, now); });
}

void supervision_tree::on_trouble(std::size_t child, std::uint64_t incarnation, trouble what,
  std::string_view text, time_point now) {
  report(child, now, [&](child_group& rules, child_key key) {
    rules.on_trouble(key, incarnation, what, text, now);
  });
}

void supervision_tree::on_progress(std::size_t child, time_point when) {
  report(child, when, [&](child_group& rules, child_key key) { rules.on_progress(key, when); });
}

void supervision_tree::on_crashed(std::size_t child, std::uint64_t incarnation,
  std::string_view error, time_point now, double random) {
  report(child, now, [&](child_group& rules, child_key key) {
    rules.on_crashed(key, incarnation, error, now, random);
  });
}

void supervision_tree::on_hung(std::size_t child, std::uint64_t incarnation, std::string_view where,
  time_point now, double random) {
  report(child, now, [&](child_group& rules, child_key key) {
    rules.on_hung(key, incarnation, where, now, random);
  });
}

void supervision_tree::on_ended(
  std::size_t child, std::uint64_t incarnation, time_point now, double random) {
  report(child, now,
    [&](child_group& rules, child_key key) { rules.on_ended(key, incarnation, now, random); });
}

void supervision_tree::on_drained(std::size_t child, std::uint64_t incarnation, time_point now) {
  report(child, now,
    [&](child_group& rules, child_key key) { rules.on_drained(key, incarnation, now); });
}

void supervision_tree::on_stopped(std::size_t child, std::uint64_t incarnation, time_point now) {
  report(child, now,
    [&](child_group& rules, child_key key) { rules.on_stopped(key, incarnation, now); });
}

void supervision_tree::on_returned(std::string_view id) {
  for (auto& x : groups_)
    if (x.rules->on_returned(id))
      return;
}

void supervision_tree::stop(time_point now) {
  groups_.front().rules->stop(now);
  touch(0);
  settle(now);
}

void supervision_tree::abandon(time_point now) {
  groups_.front().rules->abandon(now);
  touch(0);
  settle(now);
}

bool supervision_tree::reset(std::size_t member, time_point now) {
  const auto* x = seat_of(member);
  if (x == nullptr || !groups_[x->group].rules->reset(x->key, now))
    return false;
  touch(x->group);
  settle(now);
  return true;
}

bool supervision_tree::restart(std::size_t member, time_point now) {
  const auto* x = seat_of(member);
  if (x == nullptr || !groups_[x->group].rules->restart(x->key, now))
    return false;
  touch(x->group);
  settle(now);
  return true;
}

supervision_tree::added supervision_tree::add(std::size_t pool, child_rules rules, time_point now) {
  auto* where = pool_at(pool);
  assert(where != nullptr);
  const auto child = next_member_++;
  const auto what = where->add(child, std::move(rules), now);
  const auto group = *seat_of(pool)->leads;
  if (what == dynamic_group::addition::added)
    seats_.emplace(child, seat{group, child, std::nullopt});
  touch(group);
  settle(now);
  return {what, child};
}

bool supervision_tree::remove(std::size_t child, time_point now) {
  const auto* x = seat_of(child);
  if (x == nullptr || groups_[x->group].pool == nullptr)
    return false;
  const auto group = x->group;
  const auto removed = groups_[group].pool->remove(x->key, now);
  touch(group);
  settle(now);
  return removed;
}

/// The deepest first: a group whose deadline is also its parent's ends in time.
void supervision_tree::tick(time_point now, double random) {
  for (auto g = groups_.size(); g-- > 0;)
    if (const auto due = groups_[g].rules->next_due(); due && *due <= now) {
      groups_[g].rules->tick(now, random);
      touch(g);
      settle(now);
    }
}

// -- out ------------------------------------------------------------------------------------------

std::optional<time_point> supervision_tree::next_due() const {
  auto due = earliest{};
  for (const auto& x : groups_)
    due.consider(x.rules->next_due());
  return due.first();
}

bool supervision_tree::is_ready() const {
  return std::all_of(groups_.begin(), groups_.end(),
    [&](const branch& x) { return x.rules->is_ready() || !is_waited_for(x); });
}

std::vector<std::string> supervision_tree::abandoned() const {
  auto result = std::vector<std::string>{};
  for (const auto& x : groups_)
    result.insert(result.end(), x.rules->abandoned().begin(), x.rules->abandoned().end());
  return result;
}

const restart_state* supervision_tree::find(std::size_t member) const {
  const auto* x = seat_of(member);
  return x == nullptr ? nullptr : groups_[x->group].rules->find(x->key);
}

const std::string& supervision_tree::id(std::size_t member) const {
  const auto* x = seat_of(member);
  return groups_[x->group].rules->id(x->key);
}

std::optional<std::size_t> supervision_tree::find_in(std::size_t pool, std::string_view id) const {
  const auto* x = seat_of(pool);
  if (x == nullptr || !x->leads || groups_[*x->leads].pool == nullptr)
    return std::nullopt;
  return groups_[*x->leads].pool->key_of(id);
}

std::size_t supervision_tree::count(child_state state) const {
  auto total = std::size_t{0};
  for (const auto& x : groups_)
    total += x.rules->count(state);
  for (std::size_t g = 1; g < groups_.size(); ++g) // groups are not children
    if (find(*groups_[g].member)->state() == state)
      --total;
  return total;
}

// -- between the groups ---------------------------------------------------------------------------

const supervision_tree::seat* supervision_tree::seat_of(std::size_t member) const {
  const auto found = seats_.find(member);
  return found == seats_.end() ? nullptr : &found->second;
}

dynamic_group* supervision_tree::pool_at(std::size_t member) {
  const auto* x = seat_of(member);
  return x != nullptr && x->leads ? groups_[*x->leads].pool : nullptr;
}

/// Readiness depends on that group: it is required, as are the groups it is in, and has not ended
/// as it may.
bool supervision_tree::is_waited_for(const branch& where) const {
  if (!where.member)
    return true;
  return where.is_required && find(*where.member)->state() != child_state::stopped
         && is_waited_for(groups_[seat_of(*where.member)->group]);
}

void supervision_tree::touch(std::size_t group) {
  if (!std::exchange(groups_[group].is_touched, true))
    touched_.push_back(group);
}

/// Passes on what groups have to say to each other, until they have nothing more to say.
void supervision_tree::settle(time_point now) {
  while (!touched_.empty()) {
    const auto group = touched_.back();
    touched_.pop_back();
    auto& where = groups_[group];
    where.is_touched = false;
    for (auto& x : where.rules->take_notices())
      pass_on(where, std::move(x));
    for (const auto key : where.rules->take_changed())
      out_.changed(member_of(where, key));
    for (const auto& order : where.rules->take_orders())
      route(where, order, now);
    report_up(where, now);
  }
  if (report_) { // the last word, when all is known
    report_->text = shutdown_text(abandoned());
    out_.tell(*std::exchange(report_, {}));
  }
}

void supervision_tree::pass_on(const branch& where, notice what) {
  what.child = what.child ? std::optional{member_of(where, *what.child)} : where.member;
  if (what.id == notice_id::shutdown_report)
    report_ = std::move(what);
  else
    out_.tell(std::move(what));
}

void supervision_tree::route(branch& where, const supervision_order& order, time_point now) {
  const auto member = member_of(where, order.child);
  if (const auto* x = seat_of(member); x != nullptr && x->leads)
    return command(*x->leads, order, now);
  out_.order({order.what, member, order.incarnation});
  if (order.what == supervision_order::verb::remove)
    seats_.erase(member);
}

/// What an order means to a group.
void supervision_tree::command(std::size_t group, const supervision_order& order, time_point now) {
  using verb = supervision_order::verb;
  auto& who = groups_[group];
  switch (order.what) {
    case verb::start:
      who.incarnation = order.incarnation;
      who.told_ready = who.told_drained = who.told_end = who.told_to_stop = false;
      who.told_failed = 0;
      who.rules->start(now);
      break;
    case verb::drain: who.rules->drain(now); break;
    case verb::stop:
      who.told_to_stop = true;
      who.rules->halt(now);
      break;
    case verb::abandon:
      who.told_end = true; // nobody listens any more
      who.rules->abandon(now);
      parent_of(who).on_returned(id(*who.member)); // its children hang, and are named; it is done
      break;
    case verb::close:
      who.rules->halt(now); // it may never have started
      who.rules->close_all();
      break;
    case verb::remove: break; // pools hold children only
  }
  touch(group);
}

/// Tells the group above what it would want to know of a child.
void supervision_tree::report_up(branch& where, time_point now) {
  if (!where.member || where.told_end)
    return;
  const auto key = seat_of(*where.member)->key;
  auto& parent = parent_of(where);
  const auto& rules = *where.rules;
  const auto runs = rules.now_in() == child_group::phase::running;
  if (runs && rules.has_started() && !std::exchange(where.told_ready, true))
    parent.on_ready(key, where.incarnation, now);
  if (const auto failed = rules.count(child_state::failed); runs && failed != where.told_failed) {
    where.told_failed = failed;
    parent.on_trouble(key, where.incarnation, trouble::reported,
      failed == 0 ? "" : std::to_string(failed) + " of its children failed", now);
  }
  if (rules.now_in() == child_group::phase::drained && !std::exchange(where.told_drained, true))
    parent.on_drained(key, where.incarnation, now);
  if (rules.ends_the_tree()) {
    groups_.front().rules->fail(rules.failure(), now);
    touch(0);
  }
  if (rules.now_in() == child_group::phase::done)
    report_end(where, now);
  touch(seat_of(*where.member)->group);
}

void supervision_tree::report_end(branch& where, time_point now) {
  where.told_end = true;
  const auto key = seat_of(*where.member)->key;
  auto& parent = parent_of(where);
  if (where.rules->ends_the_tree())
    parent.on_lost(key, where.incarnation, where.rules->failure(), now);
  else if (where.rules->has_failed())
    parent.on_crashed(key, where.incarnation, where.rules->failure(), now);
  else if (where.told_to_stop)
    parent.on_stopped(key, where.incarnation, now);
  else
    parent.on_ended(key, where.incarnation, now);
}

} // namespace actors
