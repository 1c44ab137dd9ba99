#pragma once

#include "actors/core/ordered_group.hpp"
#include "actors/core/time_point.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace actors {

using words = std::vector<std::string>;
using moments = std::vector<std::chrono::milliseconds>;

inline child_rules child_of(const std::string& id, restart_type type = restart_type::permanent) {
  auto rules = child_rules{};
  rules.id = id;
  rules.restart.type = type;
  return rules;
}

/// Permanent children with the default rules.
inline std::vector<child_rules> children_of(std::initializer_list<const char*> ids) {
  auto children = std::vector<child_rules>{};
  for (const auto* id : ids)
    children.push_back(child_of(id));
  return children;
}

/// How a child of the driver behaves. What it does not do by itself, the test does for it.
struct behavior {
  bool ready_at_once = true;
  bool drains = true;
  bool stops = true;
  int crashing_starts = 0; ///< so many of its next starts crash
};

/// Plays a supervisor's children in virtual time: carries out its orders, reports back, moves the
/// clock to each time it is due, and keeps the books. What must never be ordered becomes a
/// complaint, so that each test decides whether to look at it.
class ordered_group_driver {
public:
  using verb = supervision_order::verb;

  ordered_group_driver(supervision_rules rules, std::vector<child_rules> children,
    group_position position = group_position::root)
    : behaviors(children.size()), machine{rules, children, position},
      abandoned_max_{rules.abandoned_max}, rules_{std::move(children)}, alive_(rules_.size(), 0),
      closed_(rules_.size(), 0), is_closed_(rules_.size(), false) {}

  // -- what the test does ---------------------------------------------------------------------

  void start() {
    if (is_done()) { // anew
      done_ = false;
      is_closed_.assign(rules_.size(), false);
    }
    machine.start(now);
    settle();
  }

  void stop() {
    machine.stop(now);
    settle();
  }

  void drain() {
    machine.drain(now);
    settle();
  }

  void halt() {
    machine.halt(now);
    settle();
  }

  bool reset(const std::string& id) { return reset(index_of(id)); }
  bool reset(std::size_t child) {
    const auto was = machine.now_in();
    const auto done = machine.reset(child, now);
    if (done && was != ordered_group::phase::running)
      complain("a reset of a group that does not run");
    if (done) {
      is_closed_[child] = false;
      ++resets_;
    }
    settle();
    return done;
  }

  bool restart(const std::string& id) { return restart(index_of(id)); }
  bool restart(std::size_t child) {
    const auto served = serves(machine.child(child).state());
    const auto was = machine.now_in();
    const auto done = machine.restart(child, now);
    if (done != (served && was == ordered_group::phase::running))
      complain("a restart of what does not serve, or none of what does");
    settle();
    return done;
  }

  void ready(const std::string& id) { ready(index_of(id)); }
  void crash(const std::string& id) { crash(index_of(id)); }
  void hang(const std::string& id) { hang(index_of(id)); }
  void end(const std::string& id) { end(index_of(id)); }
  void drained(const std::string& id) { drained(index_of(id)); }
  void stopped(const std::string& id) { stopped(index_of(id)); }

  void ready(std::size_t child) {
    machine.on_ready(child, incarnation(child), now);
    settle();
  }

  void crash(std::size_t child, double random = 0.5) {
    const auto which = incarnation(child);
    alive_[child] = 0;
    machine.on_crashed(child, which, "broken", now, random);
    settle();
  }

  /// The instance stays where it is until the machine lets go of it.
  void hang(std::size_t child, double random = 0.5) {
    machine.on_hung(child, incarnation(child), "reading", now, random);
    settle();
  }

  /// The instance of `id` that was abandoned first ends after all.
  void come_back(const std::string& id) {
    machine.on_returned(id);
    if (const auto found = std::find(let_go_.begin(), let_go_.end(), id); found != let_go_.end())
      let_go_.erase(found);
    settle();
  }

  void end(std::size_t child) {
    const auto which = incarnation(child);
    alive_[child] = 0;
    machine.on_ended(child, which, now);
    settle();
  }

  void drained(std::size_t child) {
    machine.on_drained(child, incarnation(child), now);
    settle();
  }

  void stopped(std::size_t child) {
    const auto which = incarnation(child);
    alive_[child] = 0;
    machine.on_stopped(child, which, now);
    settle();
  }

  /// Lets time pass; ticks at each time the machine says it is due.
  void pass(std::chrono::nanoseconds span) {
    const auto target = now + span;
    auto idle_ticks = 0u;
    while (machine.next_due() && *machine.next_due() <= target) {
      const auto due = *machine.next_due();
      // At one instant each child may need a tick or two, but not a hundred.
      idle_ticks = due > now ? 0 : idle_ticks + 1;
      if (idle_ticks > 100)
        return complain("next_due stays in the past");
      now = std::max(now, due);
      machine.tick(now);
      settle();
    }
    now = target;
  }

  /// Carries out orders until there are none.
  void settle() {
    collect_notices();
    for (auto batch = machine.take_orders(); !batch.empty(); batch = machine.take_orders())
      for (const auto& x : batch)
        obey(x);
    if (is_done())
      done_ = true;
    check_that_time_helps();
    check_the_counts();
  }

  // -- what the test sees ---------------------------------------------------------------------

  /// The orders since the last call: "start sink", "drain source", ...
  words orders() { return std::exchange(orders_, {}); }

  /// When `order` was given, counted from the beginning.
  moments times_of(const std::string& order) const {
    auto times = moments{};
    for (const auto& [text, when] : history_)
      if (text == order)
        times.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(when - origin));
    return times;
  }

  std::size_t count(notice_id id) const {
    return static_cast<std::size_t>(
      std::count_if(notices.begin(), notices.end(), [&](const notice& x) { return x.id == id; }));
  }

  const notice& last(notice_id id) const {
    auto found =
      std::find_if(notices.rbegin(), notices.rend(), [&](const notice& x) { return x.id == id; });
    BOOST_REQUIRE_MESSAGE(found != notices.rend(), "no notice " << name_of(id));
    return *found;
  }

  std::size_t index_of(const std::string& id) const {
    for (std::size_t i = 0; i < rules_.size(); ++i)
      if (rules_[i].id == id)
        return i;
    throw std::out_of_range{id};
  }

  const restart_state& child(const std::string& id) const { return machine.child(index_of(id)); }
  behavior& of(const std::string& id) { return behaviors[index_of(id)]; }

  bool is_ready() const { return machine.is_ready(); }
  child_state state(const std::string& id) const { return child(id).state(); }

  /// What must never be ordered and was; empty when all is well.
  const std::string& complaints() const { return complaints_; }

  bool is_alive(std::size_t child) const { return alive_[child] != 0; }
  int times_closed(const std::string& id) const { return closed_[index_of(id)]; }
  bool is_done() const { return machine.now_in() == ordered_group::phase::done; }

  static constexpr auto origin = time_point{std::chrono::hours{1}};
  time_point now = origin;
  std::vector<behavior> behaviors;
  ordered_group machine;
  std::vector<notice> notices;

private:
  std::uint64_t incarnation(std::size_t child) const { return machine.child(child).incarnation(); }

  void complain(const std::string& what) { complaints_ += what + "\n"; }

  void collect_notices() {
    for (auto& x : machine.take_notices())
      notices.push_back(std::move(x));
  }

  void obey(const supervision_order& x) {
    static const auto names = words{"start", "drain", "stop", "abandon", "close", "remove"};
    const auto text = names.at(static_cast<std::size_t>(x.what)) + " " + rules_[x.child].id;
    orders_.push_back(text);
    history_.emplace_back(text, now);
    check(x, text);
    switch (x.what) {
      case verb::start: begin(x); break;
      case verb::drain:
        if (behaviors[x.child].drains && alive_[x.child] == x.incarnation)
          machine.on_drained(x.child, x.incarnation, now);
        break;
      case verb::stop:
        if (behaviors[x.child].stops && alive_[x.child] == x.incarnation) {
          alive_[x.child] = 0;
          machine.on_stopped(x.child, x.incarnation, now);
        }
        break;
      case verb::abandon:
        alive_[x.child] = 0;
        let_go_.push_back(rules_[x.child].id);
        break;
      case verb::close:
        ++closed_[x.child];
        is_closed_[x.child] = true;
        break;
      case verb::remove: complain(text + ": an ordered group keeps its children"); break;
    }
    collect_notices();
  }

  void begin(const supervision_order& x) {
    auto& how = behaviors[x.child];
    if (how.crashing_starts != 0) {
      --how.crashing_starts;
      return machine.on_crashed(x.child, x.incarnation, "could not start", now);
    }
    alive_[x.child] = x.incarnation;
    if (how.ready_at_once)
      machine.on_ready(x.child, x.incarnation, now);
  }

  void check(const supervision_order& x, const std::string& text) {
    if (done_)
      complain(text + ": ordered after the end");
    if (is_closed_[x.child])
      complain(text + ": ordered after close");
    if (x.what == verb::start && alive_[x.child] != 0)
      complain(text + ": an instance is alive");
    if (x.what == verb::close && alive_[x.child] != 0)
      complain(text + ": an instance is alive");
    const auto speaks_to_instance =
      x.what == verb::drain || x.what == verb::stop || x.what == verb::abandon;
    if (speaks_to_instance && alive_[x.child] != x.incarnation)
      complain(text + ": no such instance is alive");
  }

  /// While it runs, a child that is to start must have a time at which that is looked at.
  void check_that_time_helps() {
    if (machine.now_in() != ordered_group::phase::running || machine.next_due())
      return;
    for (std::size_t i = 0; i < machine.size(); ++i) {
      const auto state = machine.child(i).state();
      if (state == child_state::waiting || state == child_state::backing_off)
        complain(rules_[i].id + " is to start, but nothing is ever due");
    }
  }

  /// What is kept up to date must be what counting would tell.
  void check_the_counts() {
    auto counts = std::array<std::size_t, 8>{};
    auto is_ready = machine.now_in() == ordered_group::phase::running;
    for (std::size_t i = 0; i < machine.size(); ++i) {
      const auto state = machine.child(i).state();
      ++counts[static_cast<std::size_t>(state)];
      if (rules_[i].required && !serves(state) && state != child_state::stopped)
        is_ready = false;
    }
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (const auto state = static_cast<child_state>(i); machine.count(state) != counts[i])
        complain(std::to_string(machine.count(state)) + " counted as " + std::string{name_of(state)}
                 + ", not " + std::to_string(counts[i]));
    if (machine.has_started() && machine.is_ready() != is_ready)
      complain("is_ready disagrees with the children");
    if (machine.abandoned() != let_go_)
      complain("who was let go is not who counts as abandoned");
    if (let_go_.size() > abandoned_max_ + rules_.size() + resets_)
      complain("too many are abandoned");
  }

  std::size_t abandoned_max_;
  std::vector<child_rules> rules_;
  std::vector<std::uint64_t> alive_; ///< the incarnation of the instance; 0: none
  std::vector<int> closed_;          ///< how often
  std::vector<bool> is_closed_;      ///< and not reset since
  words let_go_;                     ///< and not come back
  words orders_;
  std::vector<std::pair<std::string, time_point>> history_;
  std::string complaints_;
  std::size_t resets_ = 0; ///< each may bring back one that hangs
  bool done_ = false;
};

} // namespace actors
