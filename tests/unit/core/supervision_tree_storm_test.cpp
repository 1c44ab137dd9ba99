#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

#include "supervision_tree_driver.hpp"

using namespace actors;
using namespace std::chrono_literals;
using phase = child_group::phase;

namespace supervision_tree_storm_tests {

using driver = supervision_tree_driver;
using kind = tree_member::kind;

/// A random tree of up to four levels; random reports at all of them at random times; children that
/// come to pools and go; a stop at a random moment.
class storm {
public:
  explicit storm(unsigned seed) : random_{seed}, root_{random_rules()}, driver_{plan(), root_} {}

  void run() {
    for (auto i = pick(3); i > 0; --i)
      add();
    driver_.start();
    for (auto i = pick(150); i > 0 && !driver_.is_done(); --i)
      step();
    const auto stopped_at = driver_.now;
    if (!driver_.is_done())
      driver_.stop();
    const auto deadline = stopped_at + root_.total_deadline;
    for (auto i = pick(30); i > 0 && driver_.now < deadline; --i) {
      act();
      if (pick(3) == 0)
        driver_.pass(std::min<std::chrono::nanoseconds>(pick_time(1'500), deadline - driver_.now));
      check();
    }
    for (auto& [key, who] : driver_.players) // from here on they may all hang
      who.drains = who.stops = pick(2) == 0;
    driver_.pass(std::max(0ns, deadline - driver_.now));
    check();
  }

  driver& result() { return driver_; }

  /// Some group goes on without a child that failed, and says so.
  bool isolates() const { return isolates_; }

  /// Reports of every kind and a day of ticks after the end.
  void go_on() {
    for (int i = 0; i < 50; ++i)
      act();
    driver_.machine.tick(driver_.now + 24h);
    driver_.stop();
    check();
  }

private:
  int pick(int below) { return std::uniform_int_distribution{0, below - 1}(random_); }
  std::chrono::milliseconds pick_time(int below) { return std::chrono::milliseconds{pick(below)}; }

  supervision_rules random_rules() {
    auto rules = supervision_rules{};
    rules.strategy = static_cast<restart_strategy>(pick(3));
    rules.on_failure = pick(3) == 0 ? static_cast<escalation>(pick(4)) : escalation::escalate;
    isolates_ |= rules.on_failure == escalation::isolate;
    rules.ends_with = static_cast<auto_shutdown>(pick(3));
    rules.budget = {static_cast<std::size_t>(3 + pick(100)), 60s};
    rules.drain_deadline = 1ms + pick_time(10'000);
    rules.stop_deadline = 1ms + pick_time(5'000);
    rules.total_deadline = 1ms + pick_time(20'000);
    rules.abandoned_max = static_cast<std::size_t>(pick(6));
    return rules;
  }

  child_rules random_child() {
    auto rules = child_rules{};
    rules.id = "m" + std::to_string(named_++);
    rules.restart.type = static_cast<restart_type>(std::max(0, pick(6) - 3));
    rules.restart.backoff.jitter = 0.2;
    rules.restart.backoff.attempts_max = static_cast<std::uint32_t>(pick(6));
    rules.significant = rules.restart.type != restart_type::permanent && pick(6) == 0;
    rules.required = pick(4) != 0;
    return rules;
  }

  tree_plan plan() {
    auto result = tree_plan{};
    auto groups = std::vector<std::string>{""};
    auto depth = std::map<std::string, int>{};
    for (auto i = 2 + pick(14); i > 0; --i) {
      auto rules = random_child();
      const auto id = rules.id;
      const auto in = groups[static_cast<std::size_t>(pick(static_cast<int>(groups.size())))];
      const auto what = pick(5);
      if (what == 0 && depth[in] < 3) {
        depth[id] = depth[in] + 1;
        if (pick(3) == 0)
          rules.stop_deadline = pick_time(20'000);
        result.group(std::move(rules), in, random_rules());
        groups.push_back(id);
      } else if (what == 1) {
        result.pool(id, in, random_rules());
        pools_.push_back(id);
      } else {
        result.child(std::move(rules), in);
      }
    }
    members_ = static_cast<int>(result.members.size());
    return result;
  }

  void step() {
    if (pick(2) == 0)
      driver_.pass(pick_time(pick(10) == 0 ? 40'000 : 1'500));
    else
      act();
    check();
  }

  void check() {
    driver_.check_books();
    if (const auto due = driver_.machine.next_due(); due && *due < driver_.now)
      driver_.complain("what was due has not been done");
  }

  void add() {
    if (pools_.empty())
      return;
    auto rules = random_child();
    driver_.add(
      pools_[static_cast<std::size_t>(pick(static_cast<int>(pools_.size())))], std::move(rules));
  }

  /// One report of one child, true or not; only what an instance says of itself needs one.
  void act() {
    if (pick(8) == 0)
      return add();
    if (pick(12) == 0) {
      driver_.reset(static_cast<std::size_t>(pick(members_)));
      return;
    }
    if (driver_.players.empty())
      return;
    const auto at =
      std::next(driver_.players.begin(), pick(static_cast<int>(driver_.players.size())));
    const auto child = at->first;
    auto& how = at->second;
    switch (pick(14)) {
      case 0: how.ready_at_once = !how.ready_at_once; break;
      case 1: how.stops = !how.stops; break;
      case 2: how.crashing_starts = pick(3); break;
      case 3: return driver_.machine.on_progress(child, driver_.now);
      case 4: how.drains = !how.drains; break;
      case 5:
        driver_.machine.on_crashed(child, how.last - 1, "stale", driver_.now);
        return driver_.settle();
      case 6:
        return driver_.suffers(child, static_cast<trouble>(pick(3)), pick(2) == 0 ? "slow" : "");
      case 7: driver_.remove(child); return;
      case 8: driver_.reset(child); return;
      case 9: return driver_.returned(how.id);
      default:
        if (how.alive != 0)
          return live_report(child);
    }
  }

  void live_report(std::size_t child) {
    switch (driver_.machine.find(child)->state()) {
      case child_state::stopping: return driver_.stopped(child);
      case child_state::starting:
        if (pick(3) != 0)
          return driver_.ready(child);
        break;
      default:
        if (driver_.machine.now_in() == phase::draining && driver_.of(child).is_draining
            && pick(2) == 0)
          return driver_.drained(child);
        break;
    }
    switch (pick(6)) {
      case 0: return driver_.end(child);
      case 1: return driver_.hang(child);
      default: return driver_.crash(child, std::uniform_real_distribution{0.0, 1.0}(random_));
    }
  }

  std::mt19937 random_;
  bool isolates_ = false;
  supervision_rules root_;
  int named_ = 0;
  int members_ = 0;
  std::vector<std::string> pools_;
  driver driver_;
};

/// The tests of so many storms take a second together.
constexpr auto seeds = 400;

} // namespace supervision_tree_storm_tests

BOOST_AUTO_TEST_SUITE(supervision_tree_storm_tests)

// No start beside a live instance, no word to a dead one, to one that is gone or to a group, closed
// once for each end, counts as a recount has them, and always a time at which something is due.
BOOST_DATA_TEST_CASE(no_storm_brings_a_senseless_order, boost::unit_test::data::xrange(seeds)) {
  auto x = storm{static_cast<unsigned>(sample)};
  x.run();
  x.go_on();
  BOOST_TEST(x.result().complaints() == "");
}

BOOST_DATA_TEST_CASE(
  every_stop_ends_within_the_total_deadline, boost::unit_test::data::xrange(seeds)) {
  auto x = storm{static_cast<unsigned>(sample)};
  x.run();
  BOOST_TEST(x.result().is_done());
  BOOST_TEST(x.result().count(notice_id::shutdown_report) == 1u);
}

BOOST_DATA_TEST_CASE(at_the_end_no_instance_is_left_and_no_child_means_to_start,
  boost::unit_test::data::xrange(seeds)) {
  auto x = storm{static_cast<unsigned>(sample)};
  x.run();
  for (const auto& [key, who] : x.result().players) {
    BOOST_TEST(who.alive == 0u, who.id);
    if (const auto* found = x.result().machine.find(key))
      BOOST_TEST((found->state() == child_state::stopped || found->state() == child_state::failed),
        who.id << " is " << name_of(found->state()));
  }
}

// Where some group isolates, each child that it goes on without is told as well.
BOOST_DATA_TEST_CASE(
  a_fatal_error_is_told_once_and_only_on_failure, boost::unit_test::data::xrange(seeds)) {
  auto x = storm{static_cast<unsigned>(sample)};
  x.run();
  x.go_on();
  const auto told = x.result().count(notice_id::fatal_error);
  const auto expected = x.result().machine.has_failed() ? 1u : 0u;
  if (x.isolates())
    BOOST_TEST((told >= expected && told <= x.result().count(notice_id::child_failed)));
  else
    BOOST_TEST(told == expected);
}

BOOST_AUTO_TEST_SUITE_END()
