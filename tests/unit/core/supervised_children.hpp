#pragma once

#include "actors/core/child_group.hpp"
#include "actors/core/time_point.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace actors {

using words = std::vector<std::string>;

/// Plays the children of `Machine` (a group, or a tree of them) in virtual time: carries out its
/// orders, reports back, moves the clock to each time it is due, and keeps the books. What must
/// never be ordered becomes a complaint, so that each test decides whether to look at it.
template <class Machine>
class supervised_children {
public:
  using verb = supervision_order::verb;
  using phase = child_group::phase;

  /// A child, and how it behaves. What it does not do by itself, the test does for it.
  struct player {
    std::string id;
    bool ready_at_once = true;
    bool drains = true;
    bool stops = true;
    int crashing_starts = 0; ///< so many of its next starts crash

    std::uint64_t alive = 0; ///< the incarnation of the instance; 0: none
    std::uint64_t last = 0;  ///< the latest incarnation
    bool is_closed = false;
    bool is_gone = false;
    int times_closed = 0;
    bool is_draining = false;    ///< told to, in this incarnation
    std::size_t died_in = 0;     ///< the batch of orders
    bool must_come_back = false; ///< it crashed or hung while the machine drained
  };

  virtual ~supervised_children() = default;

  // -- what the test does ---------------------------------------------------------------------

  void start() {
    done_ = false;
    machine.start(now);
    settle();
  }

  void stop() {
    machine.stop(now);
    settle();
  }

  void abandon() {
    machine.abandon(now);
    settle();
  }

  void ready(std::size_t child) {
    machine.on_ready(child, of(child).alive, now);
    settle();
  }

  void crash(std::size_t child, double random = 0.5) {
    note_crash(of(child));
    machine.on_crashed(child, ends(child), "broken", now, random);
    settle();
  }

  void end(std::size_t child) {
    machine.on_ended(child, ends(child), now);
    settle();
  }

  /// It reports that it hangs; its instance lives on until the machine lets go of it.
  void hang(std::size_t child) {
    machine.on_hung(child, of(child).alive, "stuck", now);
    settle();
  }

  void drained(std::size_t child) {
    machine.on_drained(child, of(child).alive, now);
    settle();
  }

  void stopped(std::size_t child) {
    machine.on_stopped(child, ends(child), now);
    settle();
  }

  void suffers(std::size_t child, trouble what, const std::string& text) {
    machine.on_trouble(child, of(child).alive, what, text, now);
    settle();
  }

  bool reset(std::size_t child) {
    const auto done = machine.reset(child, now);
    settle();
    return done;
  }

  void returned(const std::string& id) {
    machine.on_returned(id);
    const auto found = std::find(abandoned_.begin(), abandoned_.end(), id);
    if (found != abandoned_.end())
      abandoned_.erase(found);
  }

  void ready(const std::string& id) { ready(key_of(id)); }
  void crash(const std::string& id) { crash(key_of(id)); }
  void end(const std::string& id) { end(key_of(id)); }
  void hang(const std::string& id) { hang(key_of(id)); }
  void drained(const std::string& id) { drained(key_of(id)); }
  void stopped(const std::string& id) { stopped(key_of(id)); }
  void suffers(const std::string& id, trouble what, const std::string& text) {
    suffers(key_of(id), what, text);
  }
  bool reset(const std::string& id) { return reset(key_of(id)); }

  /// Lets time pass; ticks at each time the machine says it is due.
  void pass(std::chrono::nanoseconds span) {
    const auto target = now + span;
    auto idle_ticks = 0u;
    while (machine.next_due() && *machine.next_due() <= target) {
      const auto due = *machine.next_due();
      // At one instant a group may be due, then the one above it: a few ticks, but not a hundred.
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
    collect();
    for (auto batch = take_orders(); !batch.empty(); batch = take_orders())
      for (const auto& x : batch)
        obey(x);
    if (is_done() && !std::exchange(done_, true))
      check_the_end();
    check_that_time_helps();
  }

  // -- what the test sees ---------------------------------------------------------------------

  /// The orders since the last call: "start sink", "drain source", ...
  words orders() { return std::exchange(orders_, {}); }

  /// When `order` was given, counted from the beginning.
  std::vector<std::chrono::milliseconds> times_of(const std::string& order) const {
    auto times = std::vector<std::chrono::milliseconds>{};
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

  /// The latest child of that id.
  std::size_t key_of(const std::string& id) const {
    for (auto x = players.rbegin(); x != players.rend(); ++x)
      if (x->second.id == id)
        return x->first;
    throw std::out_of_range{id};
  }

  player& of(std::size_t child) { return players.at(child); }
  player& of(const std::string& id) { return players.at(key_of(id)); }
  child_state state_of(const std::string& id) const { return machine.find(key_of(id))->state(); }
  const restart_state& child(const std::string& id) const { return *machine.find(key_of(id)); }

  /// What must never be ordered and was; empty when all is well.
  const std::string& complaints() const { return complaints_; }
  void complain(const std::string& what) { complaints_ += what + "\n"; }

  bool is_done() const { return machine.now_in() == phase::done; }

  /// As the machine should count them.
  std::size_t recount(child_state state) const {
    auto total = std::size_t{0};
    for (const auto& [key, x] : players)
      if (const auto* found = x.is_gone ? nullptr : machine.find(key))
        total += found->state() == state ? 1 : 0;
    return total;
  }

  /// Counts, names and states that are not what the players make them.
  void check_books() {
    for (const auto& [key, x] : players)
      check_state(x, x.is_gone ? nullptr : machine.find(key));
    for (auto i = 0; i < 8; ++i) {
      const auto state = static_cast<child_state>(i);
      if (machine.count(state) != recount(state))
        complain("count of " + std::string{name_of(state)} + " is "
                 + std::to_string(machine.count(state)) + ", not "
                 + std::to_string(recount(state)));
    }
    auto told = machine.abandoned();
    std::sort(told.begin(), told.end());
    std::sort(abandoned_.begin(), abandoned_.end());
    if (told != abandoned_)
      complain("the abandoned are not those who were abandoned");
  }

  /// Orders and notices so far.
  std::size_t words_said() const { return history_.size() + notices.size(); }

  static constexpr auto origin = time_point{std::chrono::hours{1}};
  time_point now = origin;
  Machine machine;
  std::map<std::size_t, player> players;
  std::vector<notice> notices;

protected:
  explicit supervised_children(Machine with) : machine{std::move(with)} {}

  /// As far as the stop of all is concerned.
  virtual bool may_start(const player&) const { return machine.now_in() != phase::done; }

  void declare(std::size_t key, const std::string& id) { players[key].id = id; }

private:
  std::uint64_t ends(std::size_t child) {
    of(child).died_in = batch_;
    return std::exchange(of(child).alive, 0);
  }

  std::vector<supervision_order> take_orders() {
    ++batch_;
    was_in_ = std::exchange(is_in_, machine.now_in());
    return machine.take_orders();
  }

  void note_crash(player& who) { who.must_come_back = machine.now_in() == phase::draining; }

  void collect() {
    for (auto& x : machine.take_notices())
      notices.push_back(std::move(x));
    machine.take_changed();
  }

  void obey(const supervision_order& x) {
    static const auto names = words{"start", "drain", "stop", "abandon", "close", "remove"};
    const auto found = players.find(x.child);
    if (found == players.end())
      return complain("an order for " + std::to_string(x.child) + ", which is no child");
    auto& who = found->second;
    const auto text = names.at(static_cast<std::size_t>(x.what)) + " " + who.id;
    orders_.push_back(text);
    history_.emplace_back(text, now);
    check(x, who, text);
    switch (x.what) {
      case verb::start: begin(x, who); break;
      case verb::drain:
        who.is_draining = true;
        if (who.drains && who.alive == x.incarnation)
          machine.on_drained(x.child, x.incarnation, now);
        break;
      case verb::stop:
        if (who.stops && who.alive == x.incarnation)
          machine.on_stopped(x.child, ends(x.child), now);
        break;
      case verb::abandon:
        who.alive = 0;
        abandoned_.push_back(who.id);
        note_crash(who);
        break;
      case verb::close:
        who.is_closed = true;
        ++who.times_closed;
        break;
      case verb::remove: who.is_gone = true; break;
    }
    collect();
  }

  void begin(const supervision_order& x, player& who) {
    who.last = x.incarnation;
    who.is_closed = who.is_draining = false;
    if (who.crashing_starts != 0) {
      --who.crashing_starts;
      note_crash(who);
      who.died_in = batch_;
      return machine.on_crashed(x.child, x.incarnation, "could not start", now);
    }
    who.alive = x.incarnation;
    if (who.ready_at_once)
      machine.on_ready(x.child, x.incarnation, now);
  }

  void check(const supervision_order& x, const player& who, const std::string& text) {
    if (done_ && x.what != verb::close && x.what != verb::remove)
      complain(text + ": ordered after the end");
    if (who.is_gone)
      complain(text + ": it is gone");
    if (x.what == verb::start && who.alive != 0)
      complain(text + ": an instance is alive");
    // Ordered before the phase changed, perhaps.
    const auto ran = was_in_ == phase::running || is_in_ == phase::running;
    if (x.what == verb::start && !ran && !may_start(who))
      complain(text + ": all are to stop");
    if (x.what == verb::start && x.incarnation <= who.last)
      complain(text + ": an incarnation comes twice");
    if (x.what == verb::close && (who.alive != 0 || who.is_closed))
      complain(text + ": an instance is alive, or it is closed");
    if (x.what == verb::remove && (who.alive != 0 || !who.is_closed))
      complain(text + ": it was not closed before");
    const auto speaks_to_instance =
      x.what == verb::drain || x.what == verb::stop || x.what == verb::abandon;
    // It may have died between the order and now.
    const auto has_just_died = who.last == x.incarnation && batch_ - who.died_in <= 1;
    if (speaks_to_instance && who.alive != x.incarnation && !has_just_died)
      complain(text + ": no such instance is alive");
  }

  void check_state(const player& who, const restart_state* found) {
    if (who.is_gone != (found == nullptr))
      return complain(who.id + ": it is gone, or it is not");
    if (found == nullptr)
      return;
    const auto state = found->state();
    const auto has_ended = state == child_state::stopped || state == child_state::failed;
    if (is_live(state) != (who.alive != 0) || found->incarnation() != who.last)
      complain(who.id + " is " + std::string{name_of(state)} + ", and should not be");
    // In a group that starts anew, one that was closed is opened by its start.
    const auto may_be_closed = keeps_open ? !is_live(state) : has_ended;
    if ((who.is_closed && !may_be_closed) || (has_ended && !who.is_closed && !keeps_open))
      complain(who.id + " is " + std::string{name_of(state)} + ", and closed or not");
  }

  /// All who are left were closed, and none lives.
  void check_the_end() {
    for (const auto& [key, x] : players)
      if (!x.is_gone && (x.alive != 0 || (ends_closed && !x.is_closed)))
        complain(x.id + " is left at the end");
  }

  /// While it runs, a child that is to start must have a time at which that is looked at.
  void check_that_time_helps() {
    if (machine.now_in() != phase::running || machine.next_due())
      return;
    for (const auto& [key, x] : players) {
      const auto* found = x.is_gone ? nullptr : machine.find(key);
      if (found != nullptr
          && (found->state() == child_state::waiting || found->state() == child_state::backing_off))
        complain(x.id + " is to start, but nothing is ever due");
    }
  }

  words orders_;
  std::vector<std::pair<std::string, time_point>> history_;
  words abandoned_;
  std::string complaints_;
  bool done_ = false;
  std::size_t batch_ = 0;      ///< of orders
  phase is_in_ = phase::idle;  ///< when this batch was taken
  phase was_in_ = phase::idle; ///< when the one before was

protected:
  bool keeps_open = false; ///< nested groups keep the mailboxes of those who ended
  bool ends_closed = true; ///< unless a parent is to do that
};

} // namespace actors
