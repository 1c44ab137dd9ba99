#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>

#include "ordered_group_driver.hpp"

using namespace actors;
using namespace std::chrono_literals;

namespace ordered_group_storm_tests {

using driver = ordered_group_driver;

/// Random rules, random children, random reports at random times, and a stop at a random moment;
/// sometimes all of it again.
class storm {
public:
  explicit storm(unsigned seed)
    : random_{seed}, rules_{random_rules()}, position_{pick(4) == 0 ? group_position::nested
                                                                    : group_position::root},
      driver_{rules_, random_children(), position_} {}

  void run() {
    for (rounds_ = 0; rounds_ == 0 || pick(4) == 0; ++rounds_) {
      while (!driver_.machine.abandoned().empty())
        driver_.come_back(std::string{driver_.machine.abandoned().front()});
      run_once();
    }
  }

  const driver& result() const { return driver_; }
  const supervision_rules& rules() const { return rules_; }
  bool is_root() const { return position_ == group_position::root; }
  std::size_t rounds() const { return rounds_; }
  std::size_t failures() const { return failures_; }

  /// Reports of every kind and a day of ticks after the end.
  void go_on() {
    for (int i = 0; i < 50; ++i)
      act();
    driver_.machine.tick(driver_.now + 24h);
    driver_.stop();
    driver_.drain();
    driver_.halt();
  }

private:
  void run_once() {
    driver_.start();
    const auto before_stop = pick(60);
    for (auto i = 0; i < before_stop && !driver_.is_done(); ++i)
      step();
    if (pick(3) == 0)
      drain_first();
    const auto stopped_at = driver_.now;
    if (driver_.machine.now_in() == ordered_group::phase::drained)
      driver_.halt();
    else if (!driver_.is_done())
      driver_.stop();
    for (auto i = pick(10); i > 0 && driver_.now < stopped_at + rules_.total_deadline; --i)
      act();
    for (auto& how : driver_.behaviors) // from here on they may all hang
      how.drains = how.stops = pick(2) == 0;
    driver_.pass(stopped_at + rules_.total_deadline - driver_.now);
    failures_ += driver_.machine.has_failed() ? 1 : 0;
  }

  void drain_first() {
    driver_.drain();
    for (auto i = pick(10); i > 0; --i)
      act();
    driver_.pass(rules_.drain_deadline);
  }

  int pick(int below) { return std::uniform_int_distribution{0, below - 1}(random_); }
  std::chrono::milliseconds pick_time(int below) { return std::chrono::milliseconds{pick(below)}; }

  supervision_rules random_rules() {
    auto rules = supervision_rules{};
    rules.strategy = static_cast<restart_strategy>(pick(3));
    rules.budget = {static_cast<std::size_t>(3 + pick(30)), 60s};
    rules.drain_deadline = 1ms + pick_time(10'000);
    rules.stop_deadline = 1ms + pick_time(5'000);
    rules.total_deadline = 1ms + pick_time(20'000);
    rules.on_failure = static_cast<escalation>(pick(4));
    rules.ends_with = static_cast<auto_shutdown>(pick(3));
    rules.abandoned_max = static_cast<std::size_t>(pick(4));
    return rules;
  }

  std::vector<child_rules> random_children() {
    auto children = std::vector<child_rules>(static_cast<std::size_t>(1 + pick(6)));
    for (std::size_t i = 0; i < children.size(); ++i) {
      children[i].id = std::string(1, static_cast<char>('a' + i));
      children[i].restart.type = static_cast<restart_type>(std::max(0, pick(6) - 3));
      children[i].restart.backoff.jitter = 0.2;
      children[i].restart.backoff.attempts_max = static_cast<std::uint32_t>(pick(6));
      children[i].restart.backoff.manual_reset = pick(4) == 0;
      children[i].required = pick(3) != 0;
      children[i].significant = children[i].restart.type != restart_type::permanent && pick(3) == 0;
    }
    return children;
  }

  void step() {
    if (pick(2) == 0)
      driver_.pass(pick_time(pick(10) == 0 ? 40'000 : 1'500));
    else
      act();
  }

  /// One report of one child, true or not; only what an instance says of itself needs one.
  void act() {
    const auto child = static_cast<std::size_t>(pick(static_cast<int>(driver_.behaviors.size())));
    auto& how = driver_.behaviors[child];
    const auto& state = driver_.machine.child(child);
    switch (pick(14)) {
      case 0: how.ready_at_once = !how.ready_at_once; break;
      case 1: how.stops = !how.stops; break;
      case 2: how.crashing_starts = pick(3); break;
      case 3: return driver_.machine.on_progress(child, driver_.now);
      case 4: how.drains = !how.drains; break;
      case 5:
        driver_.machine.on_crashed(child, state.incarnation() - 1, "stale", driver_.now);
        return driver_.settle();
      case 6:
        driver_.machine.on_trouble(child, state.incarnation(), static_cast<trouble>(pick(3)),
          pick(2) == 0 ? "slow" : "", driver_.now);
        return driver_.settle();
      case 7: driver_.reset(child); break;
      case 8:
        if (driver_.is_alive(child))
          driver_.hang(child);
        break;
      case 9:
        if (!driver_.machine.abandoned().empty())
          driver_.come_back(std::string{driver_.machine.abandoned().front()});
        break;
      case 10: driver_.restart(child); break;
      default:
        if (driver_.is_alive(child))
          return live_report(child);
    }
  }

  void live_report(std::size_t child) {
    switch (driver_.machine.child(child).state()) {
      case child_state::stopping: return driver_.stopped(child);
      case child_state::starting:
        if (pick(3) != 0)
          return driver_.ready(child);
        break;
      default:
        if (driver_.machine.now_in() == ordered_group::phase::draining && pick(2) == 0)
          return driver_.drained(child);
        break;
    }
    if (pick(4) == 0)
      driver_.end(child);
    else
      driver_.crash(child, std::uniform_real_distribution{0.0, 1.0}(random_));
  }

  std::mt19937 random_;
  supervision_rules rules_;
  group_position position_;
  driver driver_;
  std::size_t rounds_ = 0;
  std::size_t failures_ = 0;
};

/// Four tests of so many storms take a tenth of a second together.
constexpr auto seeds = 200;

} // namespace ordered_group_storm_tests

BOOST_AUTO_TEST_SUITE(ordered_group_storm_tests)

// No start beside a live instance, no word to a dead one, none after close or after the end, always
// a time at which something is due, and never a count that counting would not confirm.
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
  BOOST_TEST(x.result().count(notice_id::shutdown_report) == (x.is_root() ? x.rounds() : 0u));
}

BOOST_DATA_TEST_CASE(at_the_end_no_instance_is_left_and_no_child_means_to_start,
  boost::unit_test::data::xrange(seeds)) {
  auto x = storm{static_cast<unsigned>(sample)};
  x.run();
  const auto& machine = x.result().machine;
  for (std::size_t i = 0; i < machine.size(); ++i) {
    const auto state = machine.child(i).state();
    BOOST_TEST(!x.result().is_alive(i), machine.id(i));
    BOOST_TEST((state == child_state::stopped || state == child_state::failed),
      machine.id(i) << " is " << name_of(state));
  }
}

// Where escalation ends: in the root, or in a group that isolates whoever failed.
BOOST_DATA_TEST_CASE(
  a_fatal_error_is_told_once_and_only_on_failure, boost::unit_test::data::xrange(seeds)) {
  auto x = storm{static_cast<unsigned>(sample)};
  x.run();
  x.go_on();
  const auto told = x.result().count(notice_id::fatal_error);
  const auto expected = x.is_root() ? x.failures() : 0u;
  if (x.rules().on_failure != escalation::isolate)
    BOOST_TEST(told == expected);
  else
    BOOST_TEST((told >= expected && told <= x.result().count(notice_id::child_failed)));
}

BOOST_AUTO_TEST_SUITE_END()
