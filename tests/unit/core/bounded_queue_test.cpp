#include "actors/core/bounded_queue.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace actors {

std::ostream& operator<<(std::ostream& out, overflow_policy policy) {
  return out << static_cast<int>(policy);
}

} // namespace actors

using namespace actors;

namespace bounded_queue_tests {

using queue = bounded_queue<int>;
using outcome = queue::outcome;
using values = std::vector<int>;

queue queue_of(std::size_t messages_max, overflow_policy on_full, std::size_t bytes_max = 1'000) {
  return queue{{messages_max, bytes_max, on_full}};
}

/// Gives and releases all that waits.
values receive_all(queue& from) {
  auto received = values{};
  while (auto next = from.give()) {
    received.push_back(next->item);
    from.release(next->id);
  }
  return received;
}

bool is_conserved(const queue& x) {
  const auto& counts = x.counters();
  return counts.accepted
         == counts.released + counts.evicted + counts.conflated + counts.crashed + x.depth();
}

/// What the queue promises, written down as naively as can be.
struct naive_queue {
  struct entry {
    int value;
    std::size_t bytes;
    std::uint64_t key;
    bool given;
  };

  mailbox_limits limits;
  std::vector<entry> line{};
  std::vector<std::size_t> reserved{};
  values lost{};
  queue_counters counts{};

  std::size_t bytes() const {
    auto sum = std::size_t{0};
    for (const auto& x : line)
      sum += x.bytes;
    return sum;
  }

  std::size_t bytes_reserved() const {
    auto sum = std::size_t{0};
    for (auto x : reserved)
      sum += x;
    return sum;
  }

  std::size_t waiting() const {
    auto count = std::size_t{0};
    for (const auto& x : line)
      count += x.given ? 0 : 1;
    return count;
  }

  bool drops() const {
    return limits.on_full != overflow_policy::hold && limits.on_full != overflow_policy::reject;
  }

  bool fits(std::size_t more) const {
    if (drops()) // room is kept for nobody
      return line.empty()
             || (line.size() + 1 <= limits.messages_max && bytes() + more <= limits.bytes_max);
    if (line.empty() && reserved.empty())
      return true; // however heavy
    return line.size() + reserved.size() + 1 <= limits.messages_max
           && bytes() + bytes_reserved() + more <= limits.bytes_max;
  }

  /// Whether it would fit if all that waits were gone.
  bool could_fit(std::size_t more) const {
    auto emptied = *this;
    std::erase_if(emptied.line, [](const entry& x) { return !x.given; });
    return emptied.fits(more);
  }

  void evict_until_fits(std::size_t more) {
    while (!fits(more)) {
      auto oldest = line.begin();
      while (oldest->given)
        ++oldest;
      lost.push_back(oldest->value);
      line.erase(oldest);
      ++counts.evicted;
    }
  }

  /// Takes the place of the last that waits with that key.
  bool replace(int value, std::size_t more, std::uint64_t key) {
    for (auto x = line.rbegin(); x != line.rend(); ++x) {
      if (x->given || x->key != key)
        continue;
      if (line.size() > 1 && bytes() - x->bytes + more > limits.bytes_max)
        return false;
      lost.push_back(x->value);
      *x = {value, more, key, false};
      ++counts.accepted;
      ++counts.conflated;
      return true;
    }
    return false;
  }

  outcome push(int value, std::size_t more, std::uint64_t key) {
    if (limits.on_full == overflow_policy::drop_oldest && could_fit(more))
      evict_until_fits(more);
    if (fits(more)) {
      line.push_back({value, more, key, false});
      ++counts.accepted;
      counts.high_water = std::max(counts.high_water, line.size());
      return outcome::taken;
    }
    if (limits.on_full == overflow_policy::conflate && replace(value, more, key))
      return outcome::taken;
    ++(drops() ? counts.dropped : counts.refused);
    return drops() ? outcome::dropped : outcome::full;
  }

  entry* next() {
    for (auto& x : line)
      if (!x.given)
        return &x;
    return nullptr;
  }

  void rewind() {
    for (auto& x : line)
      x.given = false;
  }

  /// Releases the first `count` given ones.
  void release(std::size_t count) {
    line.erase(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(count));
    counts.released += count;
  }

  /// Takes out one of the given ones.
  void finish(std::size_t index, queue::ending how) {
    line.erase(line.begin() + static_cast<std::ptrdiff_t>(index));
    ++(how == queue::ending::handled ? counts.released : counts.crashed);
  }

  void clear() {
    for (const auto& x : line)
      lost.push_back(x.value);
    counts.evicted += line.size();
    line.clear();
  }
};

/// Plays the same random traffic to the queue and to the naive one.
class twin_traffic {
public:
  twin_traffic(unsigned seed, mailbox_limits limits)
    : random_{seed}, queue_{limits}, naive_{limits} {}

  void step() {
    switch (pick(15)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: push(weight()); break;
      case 5:
      case 6: reserve(weight()); break;
      case 7:
      case 8: use_reservation(); break;
      case 9:
      case 10:
      case 11: give(); break;
      case 12: release(); break;
      case 13: finish(); break;
      default: rarely(); break;
    }
    if (pick(3) == 0) {
      BOOST_REQUIRE(queue_.take_lost() == naive_.lost);
      naive_.lost.clear();
    }
  }

  void check() const {
    BOOST_REQUIRE_EQUAL(queue_.depth(), naive_.line.size());
    BOOST_REQUIRE_EQUAL(queue_.waiting(), naive_.waiting());
    BOOST_REQUIRE_EQUAL(queue_.bytes(), naive_.bytes());
    BOOST_REQUIRE_EQUAL(queue_.counters().accepted, naive_.counts.accepted);
    BOOST_REQUIRE_EQUAL(queue_.counters().released, naive_.counts.released);
    BOOST_REQUIRE_EQUAL(queue_.counters().refused, naive_.counts.refused);
    BOOST_REQUIRE_EQUAL(queue_.counters().dropped, naive_.counts.dropped);
    BOOST_REQUIRE_EQUAL(queue_.counters().evicted, naive_.counts.evicted);
    BOOST_REQUIRE_EQUAL(queue_.counters().conflated, naive_.counts.conflated);
    BOOST_REQUIRE_EQUAL(queue_.counters().crashed, naive_.counts.crashed);
    BOOST_REQUIRE_EQUAL(queue_.counters().high_water, naive_.counts.high_water);
    BOOST_REQUIRE(is_conserved(queue_));
    BOOST_REQUIRE_EQUAL(queue_.has_room(3), naive_.fits(3));
    check_bounds();
    check_contents();
  }

private:
  int pick(int below) { return std::uniform_int_distribution{0, below - 1}(random_); }

  /// Mostly light; now and then heavier than the whole bound.
  std::size_t weight() { return static_cast<std::size_t>(pick(15) == 0 ? 30 : pick(9)); }

  /// Few enough that equals meet.
  std::uint64_t key() { return static_cast<std::uint64_t>(pick(5)); }

  void push(std::size_t bytes) {
    const auto value = ++value_;
    const auto which = key();
    BOOST_REQUIRE(queue_.push(value, bytes, which) == naive_.push(value, bytes, which));
  }

  void reserve(std::size_t bytes) {
    if (pick(4) == 0) {
      queue_.set_aside(bytes);
      naive_.reserved.push_back(bytes);
      return;
    }
    const auto expected = naive_.drops() || naive_.fits(bytes);
    BOOST_REQUIRE_EQUAL(queue_.reserve(bytes), expected);
    if (expected)
      naive_.reserved.push_back(bytes);
    else
      ++naive_.counts.refused;
  }

  void use_reservation() {
    if (naive_.reserved.empty())
      return;
    const auto chosen = naive_.reserved.begin() + pick(static_cast<int>(naive_.reserved.size()));
    const auto bytes = *chosen;
    naive_.reserved.erase(chosen);
    if (pick(3) == 0)
      return queue_.cancel(bytes);
    const auto value = ++value_;
    const auto which = key();
    BOOST_REQUIRE(queue_.push_reserved(value, bytes, which) == naive_.push(value, bytes, which));
  }

  void give() {
    auto* expected = naive_.next();
    const auto peeked = queue_.peek();
    const auto given = queue_.give();
    BOOST_REQUIRE_EQUAL(given.has_value(), expected != nullptr);
    BOOST_REQUIRE_EQUAL(peeked.has_value(), expected != nullptr);
    if (!expected)
      return;
    BOOST_REQUIRE_EQUAL(given->item, expected->value);
    BOOST_REQUIRE_EQUAL(peeked->id, given->id);
    if (!given_ids_.empty())
      BOOST_REQUIRE_GT(given->id, given_ids_.back());
    given_ids_.push_back(given->id);
    expected->given = true;
  }

  void release() {
    if (given_ids_.empty())
      return;
    const auto count = static_cast<std::size_t>(1 + pick(static_cast<int>(given_ids_.size())));
    queue_.release(given_ids_[count - 1]);
    naive_.release(count);
    given_ids_.erase(given_ids_.begin(), given_ids_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  void finish() {
    if (given_ids_.empty())
      return;
    const auto index = pick(static_cast<int>(given_ids_.size()));
    const auto how = pick(2) == 0 ? queue::ending::handled : queue::ending::crashed;
    const auto id = given_ids_[static_cast<std::size_t>(index)];
    queue_.finish(id, how);
    naive_.finish(static_cast<std::size_t>(index), how);
    given_ids_.erase(given_ids_.begin() + index);
    queue_.finish(id, how); // a second time does nothing
  }

  void rarely() {
    switch (pick(6)) {
      case 0:
        BOOST_REQUIRE_EQUAL(queue_.clear(), naive_.line.size());
        naive_.clear();
        return given_ids_.clear();
      case 1: queue_.count_dropped(); return void(++naive_.counts.dropped);
      case 2: queue_.count_refused(); return void(++naive_.counts.refused);
      default:
        queue_.rewind();
        naive_.rewind();
        given_ids_.clear();
    }
  }

  void check_bounds() const {
    BOOST_REQUIRE_LE(queue_.depth(), naive_.limits.messages_max);
    if (queue_.depth() > 1)
      BOOST_REQUIRE_LE(queue_.bytes(), naive_.limits.bytes_max);
  }

  /// What a consumer that starts anew would be given, in order.
  void check_contents() const {
    auto copy = queue_;
    copy.rewind();
    auto expected = values{};
    for (const auto& x : naive_.line)
      expected.push_back(x.value);
    BOOST_REQUIRE(receive_all(copy) == expected);
  }

  std::mt19937 random_;
  queue queue_;
  naive_queue naive_;
  std::vector<std::uint64_t> given_ids_;
  int value_ = 0;
};

const auto policies = {overflow_policy::hold, overflow_policy::reject, overflow_policy::drop_newest,
  overflow_policy::drop_oldest, overflow_policy::conflate};

/// Full with a 1 under key 1, a 2 under key 2 and a 3 under key 3.
queue full_of_three() {
  auto lane = queue_of(3, overflow_policy::conflate);
  for (auto value : {1, 2, 3})
    lane.push(value, 1, static_cast<std::uint64_t>(value));
  return lane;
}

} // namespace bounded_queue_tests

BOOST_AUTO_TEST_SUITE(bounded_queue_tests)

BOOST_DATA_TEST_CASE(random_traffic_does_what_the_naive_queue_does,
  boost::unit_test::data::xrange(50) * boost::unit_test::data::make(policies), seed, policy) {
  auto traffic = twin_traffic{static_cast<unsigned>(seed), {4, 20, policy}};
  for (int i = 0; i < 500; ++i) {
    traffic.step();
    traffic.check();
  }
}

// -- the cases of the specification ---------------------------------------------------------------

BOOST_AUTO_TEST_CASE(case_18_while_nobody_receives_the_first_two_are_held_and_the_others_dropped) {
  auto lane = queue_of(2, overflow_policy::drop_newest);
  BOOST_TEST((lane.push(1, 1) == outcome::taken));
  BOOST_TEST((lane.push(2, 1) == outcome::taken));
  BOOST_TEST((lane.push(3, 1) == outcome::dropped));
  BOOST_TEST((lane.push(4, 1) == outcome::dropped));
  BOOST_TEST(lane.counters().dropped == 2u);
  BOOST_TEST((receive_all(lane) == values{1, 2}));
}

BOOST_AUTO_TEST_CASE(case_19_what_was_held_comes_before_what_is_new) {
  auto lane = queue_of(10, overflow_policy::hold);
  lane.push(1, 1);
  lane.push(2, 1);
  lane.give();
  lane.rewind(); // the consumer crashed
  lane.push(3, 1);
  BOOST_TEST((receive_all(lane) == values{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(case_20_a_drop_leaves_the_room_to_the_next_that_fits) {
  auto lane = queue_of(2, overflow_policy::drop_newest);
  for (int i = 0; i < 6; ++i)
    lane.push('x', 1);
  BOOST_TEST((receive_all(lane) == values{'x', 'x'}));
  lane.push('y', 1);
  BOOST_TEST((receive_all(lane) == values{'y'}));
  BOOST_TEST(lane.counters().dropped == 4u);
}

BOOST_AUTO_TEST_CASE(case_21_drop_newest_keeps_the_first_three_of_four) {
  auto lane = queue_of(3, overflow_policy::drop_newest);
  for (auto value : {1, 2, 3, 4})
    lane.push(value, 1);
  BOOST_TEST((receive_all(lane) == values{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(case_21_drop_oldest_keeps_the_last_three_of_four) {
  auto lane = queue_of(3, overflow_policy::drop_oldest);
  for (auto value : {1, 2, 3, 4})
    BOOST_TEST((lane.push(value, 1) == outcome::taken));
  BOOST_TEST(lane.counters().evicted == 1u);
  BOOST_TEST((receive_all(lane) == values{2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(case_22_reject_refuses_the_fourth_and_leaves_the_queue_alone) {
  auto lane = queue_of(3, overflow_policy::reject);
  for (auto value : {1, 2, 3})
    lane.push(value, 1);
  BOOST_TEST((lane.push(4, 1) == outcome::full));
  BOOST_TEST(lane.counters().refused == 1u);
  BOOST_TEST((receive_all(lane) == values{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(hold_refuses_the_fourth_and_loses_nothing) {
  auto lane = queue_of(3, overflow_policy::hold);
  for (auto value : {1, 2, 3})
    lane.push(value, 1);
  BOOST_TEST((lane.push(4, 1) == outcome::full));
  BOOST_TEST(lane.counters().dropped == 0u);
  BOOST_TEST(lane.counters().evicted == 0u);
  BOOST_TEST((receive_all(lane) == values{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(case_25_what_is_left_at_the_end_is_cleared_and_counted) {
  auto lane = queue_of(10, overflow_policy::hold);
  for (int i = 0; i < 10; ++i)
    lane.push(i, 1);
  lane.release(lane.give()->id); // the first completes
  BOOST_TEST(lane.clear() == 9u);
  BOOST_TEST(lane.counters().released == 1u);
  BOOST_TEST(lane.counters().evicted == 9u);
  BOOST_TEST(lane.depth() == 0u);
  BOOST_TEST(lane.bytes() == 0u);
  BOOST_TEST(!lane.give().has_value());
}

// -- giving and releasing -------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_is_in_work_still_counts_against_the_bound) {
  auto lane = queue_of(1, overflow_policy::hold);
  lane.push(1, 1);
  const auto given = lane.give();
  BOOST_TEST((lane.push(2, 1) == outcome::full));
  lane.release(given->id);
  BOOST_TEST((lane.push(2, 1) == outcome::taken));
}

BOOST_AUTO_TEST_CASE(each_item_is_given_once) {
  auto lane = queue_of(10, overflow_policy::hold);
  lane.push(1, 1);
  BOOST_TEST(lane.give().has_value());
  BOOST_TEST(!lane.give().has_value());
}

BOOST_AUTO_TEST_CASE(after_a_rewind_all_that_was_not_released_is_given_again_in_order) {
  auto lane = queue_of(10, overflow_policy::hold);
  for (auto value : {1, 2, 3, 4})
    lane.push(value, 1);
  lane.release(lane.give()->id);
  lane.give();
  lane.give();
  lane.rewind();
  BOOST_TEST((receive_all(lane) == values{2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(an_item_given_again_has_the_same_id) {
  auto lane = queue_of(10, overflow_policy::hold);
  lane.push(1, 1);
  const auto before = lane.give()->id;
  lane.rewind();
  BOOST_TEST(lane.give()->id == before);
}

BOOST_AUTO_TEST_CASE(a_release_takes_everything_given_before_it) {
  auto lane = queue_of(10, overflow_policy::hold);
  for (auto value : {1, 2, 3})
    lane.push(value, 5);
  lane.give();
  const auto second = lane.give()->id;
  lane.release(second);
  BOOST_TEST(lane.depth() == 1u);
  BOOST_TEST(lane.bytes() == 5u);
  BOOST_TEST(lane.counters().released == 2u);
}

BOOST_AUTO_TEST_CASE(what_was_not_given_cannot_be_released) {
  auto lane = queue_of(10, overflow_policy::hold);
  lane.push(1, 1);
  const auto id = lane.peek()->id;
  lane.release(id);
  BOOST_TEST(lane.depth() == 1u);
}

BOOST_AUTO_TEST_CASE(a_second_release_of_the_same_item_does_nothing) {
  auto lane = queue_of(10, overflow_policy::hold);
  lane.push(1, 1);
  lane.push(2, 1);
  const auto first = lane.give()->id;
  lane.give();
  lane.release(first);
  lane.release(first);
  BOOST_TEST(lane.counters().released == 1u);
}

BOOST_AUTO_TEST_CASE(a_look_does_not_give) {
  auto lane = queue_of(10, overflow_policy::hold);
  lane.push(1, 1);
  BOOST_TEST(lane.peek()->item == 1);
  BOOST_TEST(lane.waiting() == 1u);
  BOOST_TEST(lane.give()->item == 1);
}

// -- weight ---------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_weight_is_bounded_too) {
  auto lane = queue_of(100, overflow_policy::hold, 10);
  BOOST_TEST((lane.push(1, 6) == outcome::taken));
  BOOST_TEST((lane.push(2, 5) == outcome::full));
  BOOST_TEST((lane.push(3, 4) == outcome::taken));
}

BOOST_AUTO_TEST_CASE(an_item_heavier_than_the_bound_passes_an_empty_queue) {
  auto lane = queue_of(100, overflow_policy::hold, 10);
  BOOST_TEST((lane.push(1, 11) == outcome::taken));
  BOOST_TEST((lane.push(2, 0) == outcome::full));
}

BOOST_AUTO_TEST_CASE(an_item_heavier_than_the_bound_waits_for_the_queue_to_be_empty) {
  auto lane = queue_of(100, overflow_policy::hold, 10);
  lane.push(1, 0);
  BOOST_TEST((lane.push(2, 11) == outcome::full));
}

BOOST_AUTO_TEST_CASE(drop_oldest_evicts_as_many_as_it_takes) {
  auto lane = queue_of(100, overflow_policy::drop_oldest, 10);
  for (auto value : {1, 2, 3})
    lane.push(value, 3);
  BOOST_TEST((lane.push(4, 7) == outcome::taken));
  BOOST_TEST((receive_all(lane) == values{3, 4}));
}

BOOST_AUTO_TEST_CASE(drop_oldest_evicts_nothing_in_work) {
  auto lane = queue_of(2, overflow_policy::drop_oldest);
  lane.push(1, 1);
  lane.push(2, 1);
  lane.give();
  lane.push(3, 1);
  lane.rewind();
  BOOST_TEST((receive_all(lane) == values{1, 3}));
}

BOOST_AUTO_TEST_CASE(drop_oldest_drops_the_new_item_when_all_are_in_work) {
  auto lane = queue_of(2, overflow_policy::drop_oldest);
  lane.push(1, 1);
  lane.push(2, 1);
  lane.give();
  lane.give();
  BOOST_TEST((lane.push(3, 1) == outcome::dropped));
  BOOST_TEST(lane.counters().dropped == 1u);
  BOOST_TEST(lane.counters().evicted == 0u);
}

// Or two are lost where the loss of one could not be helped.
BOOST_AUTO_TEST_CASE(drop_oldest_evicts_nothing_for_an_item_that_cannot_fit_anyway) {
  auto lane = queue_of(10, overflow_policy::drop_oldest, 10);
  lane.push(1, 8);
  lane.push(2, 2);
  lane.give(); // 1 is in work and leaves room for 2 bytes at best
  BOOST_TEST((lane.push(3, 5) == outcome::dropped));
  BOOST_TEST(lane.counters().evicted == 0u);
  BOOST_TEST(lane.depth() == 2u);
}

// -- reservations ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(reserved_room_is_kept_for_its_owner) {
  auto lane = queue_of(2, overflow_policy::hold);
  BOOST_TEST(lane.reserve(1));
  BOOST_TEST((lane.push(1, 1) == outcome::taken));
  BOOST_TEST((lane.push(2, 1) == outcome::full));
  BOOST_TEST((lane.push_reserved(3, 1) == outcome::taken));
  BOOST_TEST((receive_all(lane) == values{1, 3}));
}

BOOST_AUTO_TEST_CASE(a_reservation_cancelled_gives_the_room_back) {
  auto lane = queue_of(1, overflow_policy::hold);
  BOOST_TEST(lane.reserve(1));
  lane.cancel(1);
  BOOST_TEST((lane.push(1, 1) == outcome::taken));
}

BOOST_AUTO_TEST_CASE(a_full_queue_under_hold_reserves_nothing_and_counts_the_refusal) {
  auto lane = queue_of(1, overflow_policy::hold);
  lane.push(1, 1);
  BOOST_TEST(!lane.reserve(1));
  BOOST_TEST(lane.counters().refused == 1u);
}

BOOST_AUTO_TEST_CASE(a_clear_leaves_reservations_standing) {
  auto lane = queue_of(2, overflow_policy::hold);
  lane.push(1, 1);
  BOOST_TEST(lane.reserve(1));
  lane.clear();
  BOOST_TEST((lane.push(2, 1) == outcome::taken));
  BOOST_TEST((lane.push(3, 1) == outcome::full));
  BOOST_TEST((lane.push_reserved(4, 1) == outcome::taken));
}

// A handler that emits four reserves four times before its first push.
BOOST_AUTO_TEST_CASE(drop_newest_keeps_the_first_three_of_four_reserved) {
  auto lane = queue_of(3, overflow_policy::drop_newest);
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(lane.reserve(1));
  for (auto value : {1, 2, 3, 4})
    lane.push_reserved(value, 1);
  BOOST_TEST((receive_all(lane) == values{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(drop_oldest_keeps_the_last_three_of_four_reserved_and_counts_the_eviction) {
  auto lane = queue_of(3, overflow_policy::drop_oldest);
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(lane.reserve(1));
  for (auto value : {1, 2, 3, 4})
    BOOST_TEST((lane.push_reserved(value, 1) == outcome::taken));
  BOOST_TEST(lane.counters().evicted == 1u);
  BOOST_TEST((receive_all(lane) == values{2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(an_empty_queue_that_drops_takes_an_item_whatever_others_reserved) {
  for (auto policy : {overflow_policy::drop_newest, overflow_policy::drop_oldest}) {
    auto lane = queue_of(2, policy);
    for (int i = 0; i < 5; ++i)
      BOOST_TEST(lane.reserve(1));
    BOOST_TEST((lane.push(1, 1) == outcome::taken), policy);
  }
}

BOOST_AUTO_TEST_CASE(room_set_aside_beyond_the_bound_keeps_others_out_and_may_be_refused_itself) {
  auto lane = queue_of(1, overflow_policy::hold);
  lane.push(1, 1);
  lane.set_aside(1);
  BOOST_TEST((lane.push_reserved(2, 1) == outcome::full));
  BOOST_TEST(lane.counters().refused == 1u);
  lane.set_aside(1);
  receive_all(lane);
  BOOST_TEST((lane.push(3, 1) == outcome::full));
  BOOST_TEST((lane.push_reserved(4, 1) == outcome::taken));
}

// -- conflation -----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(while_there_is_room_equals_wait_beside_each_other) {
  auto lane = queue_of(3, overflow_policy::conflate);
  lane.push(1, 1, 7);
  lane.push(2, 1, 7);
  BOOST_TEST(lane.counters().conflated == 0u);
  BOOST_TEST((receive_all(lane) == values{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_full_queue_puts_a_new_item_in_the_place_of_its_equal) {
  auto lane = full_of_three();
  BOOST_TEST((lane.push(20, 1, 2) == outcome::taken));
  BOOST_TEST(lane.counters().conflated == 1u);
  BOOST_TEST(lane.counters().accepted == 4u);
  BOOST_TEST((lane.take_lost() == values{2}));
  BOOST_TEST(is_conserved(lane));
  BOOST_TEST((receive_all(lane) == values{1, 20, 3}));
}

BOOST_AUTO_TEST_CASE(an_item_can_be_replaced_again_and_again) {
  auto lane = full_of_three();
  for (int i = 0; i < 100; ++i)
    lane.push(100 + i, 1, 1);
  BOOST_TEST(lane.counters().conflated == 100u);
  BOOST_TEST(lane.take_lost().size() == 100u);
  BOOST_TEST((receive_all(lane) == values{199, 2, 3}));
}

BOOST_AUTO_TEST_CASE(of_several_equals_the_newest_is_replaced) {
  auto lane = queue_of(3, overflow_policy::conflate);
  lane.push(1, 1, 7);
  lane.push(2, 1, 7);
  lane.push(3, 1, 8);
  lane.push(4, 1, 7);
  BOOST_TEST((receive_all(lane) == values{1, 4, 3}));
}

BOOST_AUTO_TEST_CASE(without_an_equal_a_full_queue_drops_the_new_item) {
  auto lane = full_of_three();
  BOOST_TEST((lane.push(4, 1, 4) == outcome::dropped));
  BOOST_TEST(lane.counters().dropped == 1u);
  BOOST_TEST(lane.take_lost().empty()); // it was never accepted
  BOOST_TEST((receive_all(lane) == values{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(an_item_in_work_is_not_exchanged) {
  auto lane = full_of_three();
  lane.give();
  BOOST_TEST((lane.push(10, 1, 1) == outcome::dropped));
  lane.rewind();
  BOOST_TEST((receive_all(lane) == values{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(an_item_that_will_be_given_again_can_be_exchanged) {
  auto lane = full_of_three();
  lane.give();
  lane.give();
  lane.rewind();
  BOOST_TEST((lane.push(10, 1, 1) == outcome::taken));
  BOOST_TEST((lane.push(20, 1, 2) == outcome::taken));
  BOOST_TEST((receive_all(lane) == values{10, 20, 3}));
}

BOOST_AUTO_TEST_CASE(after_a_rewind_a_newer_equal_that_waits_is_the_one_to_be_replaced) {
  auto lane = queue_of(2, overflow_policy::conflate);
  lane.push(1, 1, 7);
  lane.give();
  lane.push(2, 1, 7);
  lane.rewind();
  lane.push(3, 1, 7);
  BOOST_TEST((receive_all(lane) == values{1, 3}));
}

// Or the newest word would be handled before an older one, and the older would stand.
BOOST_AUTO_TEST_CASE(after_a_rewind_the_newest_of_the_given_equals_is_replaced) {
  auto lane = queue_of(2, overflow_policy::conflate);
  lane.push(1, 1, 7);
  lane.push(2, 1, 7);
  lane.give();
  lane.give();
  lane.rewind();
  lane.push(3, 1, 7);
  BOOST_TEST((receive_all(lane) == values{1, 3}));
}

BOOST_AUTO_TEST_CASE(an_exchange_counts_the_weight_of_the_new_item) {
  auto lane = queue_of(2, overflow_policy::conflate, 10);
  lane.push(1, 2, 1);
  lane.push(2, 2, 2);
  BOOST_TEST((lane.push(10, 8, 1) == outcome::taken));
  BOOST_TEST(lane.bytes() == 10u);
  BOOST_TEST((lane.push(11, 1, 1) == outcome::taken));
  BOOST_TEST(lane.bytes() == 3u);
}

BOOST_AUTO_TEST_CASE(an_exchange_that_would_break_the_bound_on_weight_is_not_made) {
  auto lane = queue_of(2, overflow_policy::conflate, 10);
  lane.push(1, 2, 1);
  lane.push(2, 2, 2);
  BOOST_TEST((lane.push(10, 9, 1) == outcome::dropped));
  BOOST_TEST(lane.bytes() == 4u);
  BOOST_TEST((receive_all(lane) == values{1, 2}));
}

BOOST_AUTO_TEST_CASE(the_only_item_may_be_replaced_by_one_heavier_than_the_bound) {
  auto lane = queue_of(1, overflow_policy::conflate, 10);
  lane.push(1, 2, 1);
  BOOST_TEST((lane.push(2, 11, 1) == outcome::taken));
  BOOST_TEST((receive_all(lane) == values{2}));
}

BOOST_AUTO_TEST_CASE(a_key_is_forgotten_with_its_last_item) {
  auto lane = full_of_three();
  lane.release(lane.give()->id);
  lane.push(4, 1, 4);
  BOOST_TEST((lane.push(10, 1, 1) == outcome::dropped)); // 1 is gone
  lane.finish(lane.give()->id, queue::ending::crashed);
  lane.push(5, 1, 5);
  BOOST_TEST((lane.push(20, 1, 2) == outcome::dropped)); // 2 too
  lane.clear();
  for (auto value : {6, 7, 8})
    lane.push(value, 1, static_cast<std::uint64_t>(value));
  BOOST_TEST((lane.push(30, 1, 3) == outcome::dropped));
  BOOST_TEST((receive_all(lane) == values{6, 7, 8}));
}

// -- endings out of order -------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_item_in_the_middle_may_be_finished_alone) {
  auto lane = queue_of(10, overflow_policy::hold);
  auto given = std::vector<std::uint64_t>{};
  for (auto value : {1, 2, 3, 4})
    lane.push(value, 5);
  for (int i = 0; i < 3; ++i)
    given.push_back(lane.give()->id);
  lane.finish(given[1], queue::ending::handled);
  BOOST_TEST(lane.depth() == 3u);
  BOOST_TEST(lane.waiting() == 1u);
  BOOST_TEST(lane.bytes() == 15u);
  BOOST_TEST(lane.counters().released == 1u);
  lane.rewind();
  BOOST_TEST((receive_all(lane) == values{1, 3, 4}));
}

BOOST_AUTO_TEST_CASE(an_item_that_crashed_its_handler_is_counted_apart_and_not_given_again) {
  auto lane = queue_of(10, overflow_policy::hold);
  lane.push(1, 1);
  lane.push(2, 1);
  const auto first = lane.give()->id;
  lane.give();
  lane.finish(first, queue::ending::crashed);
  BOOST_TEST(lane.counters().crashed == 1u);
  BOOST_TEST(lane.counters().released == 0u);
  lane.rewind();
  BOOST_TEST(is_conserved(lane));
  BOOST_TEST((receive_all(lane) == values{2}));
}

BOOST_AUTO_TEST_CASE(what_was_not_given_cannot_be_finished) {
  auto lane = queue_of(10, overflow_policy::hold);
  lane.push(1, 1);
  lane.finish(lane.peek()->id, queue::ending::handled);
  lane.finish(77, queue::ending::handled);
  BOOST_TEST(lane.depth() == 1u);
}

BOOST_AUTO_TEST_CASE(a_release_after_a_finish_takes_the_others_before_it) {
  auto lane = queue_of(10, overflow_policy::hold);
  auto given = std::vector<std::uint64_t>{};
  for (auto value : {1, 2, 3})
    lane.push(value, 1);
  for (int i = 0; i < 3; ++i)
    given.push_back(lane.give()->id);
  lane.finish(given[1], queue::ending::handled);
  lane.release(given[1]);
  BOOST_TEST(lane.depth() == 1u);
  lane.release(given[2]);
  BOOST_TEST(lane.depth() == 0u);
  BOOST_TEST(lane.counters().released == 3u);
}

// -- what was lost --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_was_evicted_can_be_asked_for_once_oldest_first) {
  auto lane = queue_of(100, overflow_policy::drop_oldest, 10);
  for (auto value : {1, 2, 3})
    lane.push(value, 3);
  lane.push(4, 7);
  BOOST_TEST((lane.take_lost() == values{1, 2}));
  BOOST_TEST(lane.take_lost().empty());
}

BOOST_AUTO_TEST_CASE(what_was_left_over_at_the_end_can_be_asked_for) {
  auto lane = queue_of(10, overflow_policy::hold);
  for (auto value : {1, 2, 3})
    lane.push(value, 1);
  lane.release(lane.give()->id);
  lane.give(); // in work, and lost like the others
  lane.clear();
  BOOST_TEST((lane.take_lost() == values{2, 3}));
}

BOOST_AUTO_TEST_CASE(what_was_turned_away_is_not_lost_but_still_its_senders) {
  for (auto policy :
    {overflow_policy::hold, overflow_policy::reject, overflow_policy::drop_newest}) {
    auto lane = queue_of(1, policy);
    lane.push(1, 1);
    lane.push(2, 1);
    BOOST_TEST(lane.take_lost().empty(), policy);
  }
}

// -- measures -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(high_water_is_the_greatest_depth_there_was) {
  auto lane = queue_of(10, overflow_policy::hold);
  for (auto value : {1, 2, 3})
    lane.push(value, 1);
  receive_all(lane);
  lane.push(4, 1);
  BOOST_TEST(lane.counters().high_water == 3u);
}

BOOST_AUTO_TEST_CASE(the_fill_is_told_by_the_nearer_bound) {
  auto lane = queue_of(4, overflow_policy::hold, 10);
  BOOST_TEST(lane.fill() == 0.0);
  lane.push(1, 1);
  BOOST_TEST(lane.fill() == 0.25);
  lane.push(2, 7);
  BOOST_TEST(lane.fill() == 0.8);
}

BOOST_AUTO_TEST_SUITE_END()
