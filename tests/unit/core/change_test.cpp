#include "actors/core/change.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <ostream>
#include <random>
#include <vector>

namespace actors {

std::ostream& operator<<(std::ostream& out, const change& x) {
  return out << "{before " << x.before << ", after " << x.after << ", how "
             << static_cast<int>(x.how) << "}";
}

} // namespace actors

using namespace actors;
using difference = change::difference;

namespace change_tests {

/// What a path names at one moment. A number once left never comes back: a file that was rewritten
/// has another modification time even when the old bytes return.
struct file {
  int identity;
  int content;
  int attributes;
};
using state = std::optional<file>;

/// The oracle: looks at the two ends only.
change net(const state& before, const state& after) {
  if (!before || !after)
    return {before.has_value(), after.has_value(), difference::none};
  if (before->identity != after->identity)
    return change::altered(difference::replaced);
  if (before->content != after->content)
    return change::altered(difference::content);
  if (before->attributes != after->attributes)
    return change::altered(difference::attributes);
  return change::altered(difference::none);
}

class history {
public:
  explicit history(unsigned seed) : random_{seed} {
    states_.push_back(pick(2) == 0 ? state{} : state{fresh()});
    for (auto steps = 1 + pick(10); steps > 0; --steps)
      states_.push_back(next(states_.back()));
  }

  std::size_t size() const { return states_.size(); }
  const state& operator[](std::size_t i) const { return states_[i]; }

  /// Merges the single steps from `first` to `last`, bracketed at random.
  change merged(std::size_t first, std::size_t last) {
    if (last - first == 1)
      return net(states_[first], states_[last]);
    const auto cut = first + 1 + static_cast<std::size_t>(pick(static_cast<int>(last - first - 1)));
    return merge(merged(first, cut), merged(cut, last));
  }

private:
  int pick(int below) { return std::uniform_int_distribution{0, below - 1}(random_); }
  file fresh() { return {++number_, ++number_, ++number_}; }

  state next(state now) {
    if (!now)
      return pick(3) == 0 ? state{} : state{fresh()};
    switch (pick(5)) {
      case 0: return state{};
      case 1: return state{fresh()};
      case 2: now->content = ++number_; break;
      case 3: now->attributes = ++number_; break;
      default: break;
    }
    return now;
  }

  std::mt19937 random_;
  int number_ = 0;
  std::vector<state> states_;
};

/// Every value the type can take, the senseless ones too.
std::vector<change> all_changes() {
  auto all = std::vector<change>{};
  for (auto before : {false, true})
    for (auto after : {false, true})
      for (auto how :
        {difference::none, difference::attributes, difference::content, difference::replaced})
        all.push_back({before, after, how});
  return all;
}

} // namespace change_tests

BOOST_AUTO_TEST_SUITE(change_tests)

BOOST_DATA_TEST_CASE(
  merged_steps_in_any_bracketing_tell_the_net_of_every_piece, boost::unit_test::data::xrange(300)) {
  auto past = history{static_cast<unsigned>(sample)};
  for (std::size_t first = 0; first < past.size(); ++first)
    for (auto last = first + 1; last < past.size(); ++last)
      BOOST_TEST(past.merged(first, last) == net(past[first], past[last]),
        "from " << first << " to " << last << ": " << past.merged(first, last) << " is not the net "
                << net(past[first], past[last]));
}

BOOST_AUTO_TEST_CASE(merge_is_associative_even_where_changes_do_not_fit) {
  const auto all = all_changes();
  for (auto a : all)
    for (auto b : all)
      for (auto c : all)
        BOOST_REQUIRE_EQUAL(merge(merge(a, b), c), merge(a, merge(b, c)));
}

BOOST_AUTO_TEST_CASE(the_earlier_is_right_about_the_past_and_the_later_about_the_present) {
  for (auto a : all_changes())
    for (auto b : all_changes()) {
      BOOST_TEST(merge(a, b).before == a.before);
      BOOST_TEST(merge(a, b).after == b.after);
    }
}

BOOST_AUTO_TEST_CASE(create_then_delete_is_nothing) {
  BOOST_TEST(merge(change::created(), change::removed()).is_nothing());
}

BOOST_AUTO_TEST_CASE(create_then_modify_is_create) {
  const auto modified = change::altered(difference::content);
  BOOST_TEST(merge(change::created(), modified) == change::created());
}

BOOST_AUTO_TEST_CASE(delete_then_create_is_a_replacement) {
  const auto replaced = change::altered(difference::replaced);
  BOOST_TEST(merge(change::removed(), change::created()) == replaced);
}

BOOST_AUTO_TEST_CASE(modify_then_delete_is_delete) {
  const auto modified = change::altered(difference::content);
  BOOST_TEST(merge(modified, change::removed()) == change::removed());
}

BOOST_AUTO_TEST_CASE(many_modifies_are_one) {
  const auto modified = change::altered(difference::content);
  auto net_change = modified;
  for (int i = 0; i < 100; ++i)
    net_change = merge(net_change, modified);
  BOOST_TEST(net_change == modified);
}

BOOST_AUTO_TEST_CASE(the_greater_difference_wins_whichever_came_first) {
  const auto attributes = change::altered(difference::attributes);
  const auto content = change::altered(difference::content);
  const auto replaced = change::altered(difference::replaced);
  BOOST_TEST(merge(attributes, content) == content);
  BOOST_TEST(merge(content, attributes) == content);
  BOOST_TEST(merge(replaced, content) == replaced);
  BOOST_TEST(merge(content, replaced) == replaced);
}

BOOST_AUTO_TEST_CASE(a_create_told_twice_is_one_create) {
  BOOST_TEST(merge(change::created(), change::created()) == change::created());
}

BOOST_AUTO_TEST_CASE(a_delete_told_twice_is_one_delete) {
  BOOST_TEST(merge(change::removed(), change::removed()) == change::removed());
}

BOOST_AUTO_TEST_CASE(a_file_that_stayed_the_same_is_nothing_to_tell) {
  BOOST_TEST(change::altered(difference::none).is_nothing());
  BOOST_TEST(!change::altered(difference::attributes).is_nothing());
}

BOOST_AUTO_TEST_CASE(coming_and_going_are_worth_telling) {
  BOOST_TEST(!change::created().is_nothing());
  BOOST_TEST(!change::removed().is_nothing());
}

BOOST_AUTO_TEST_SUITE_END()
