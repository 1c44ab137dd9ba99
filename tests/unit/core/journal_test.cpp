#include "actors/core/journal.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace actors;
using boost::test_tools::per_element;

namespace journal_tests {

using ids = std::vector<std::uint64_t>;

constexpr auto all = std::numeric_limits<std::size_t>::max();

ids ids_of(const journal<std::string>::page& x) {
  auto found = ids{};
  for (const auto& entry : x.entries)
    found.push_back(entry.id);
  return found;
}

/// Keeps the last three.
struct fixture {
  journal<std::string> x{3};

  void add(int count) {
    for (int i = 0; i < count; ++i)
      x.add("entry " + std::to_string(x.last() + 1));
  }
};

} // namespace journal_tests

BOOST_FIXTURE_TEST_SUITE(journal_tests, fixture)

BOOST_AUTO_TEST_CASE(an_empty_journal_has_no_entries_and_nothing_was_missed) {
  for (auto after : {std::uint64_t{0}, std::uint64_t{7}}) {
    const auto page = x.read(after, all);
    BOOST_TEST(page.entries.empty());
    BOOST_TEST(page.missed == 0u);
  }
  BOOST_TEST(x.last() == 0u);
}

BOOST_AUTO_TEST_CASE(entries_are_numbered_from_one) {
  BOOST_TEST(x.add("a") == 1u);
  BOOST_TEST(x.add("b") == 2u);
  BOOST_TEST(x.last() == 2u);
}

BOOST_AUTO_TEST_CASE(a_reader_gets_what_came_after_the_last_it_saw_oldest_first) {
  add(3);
  BOOST_TEST(ids_of(x.read(0, all)) == (ids{1, 2, 3}), per_element());
  BOOST_TEST(ids_of(x.read(1, all)) == (ids{2, 3}), per_element());
  BOOST_TEST(x.read(2, all).entries.at(0).what == "entry 3");
  BOOST_TEST(x.read(3, all).entries.empty());
}

BOOST_AUTO_TEST_CASE(only_the_last_so_many_are_kept_and_numbers_never_come_twice) {
  add(5);
  BOOST_TEST(ids_of(x.read(0, all)) == (ids{3, 4, 5}), per_element());
  BOOST_TEST(x.last() == 5u);
}

BOOST_AUTO_TEST_CASE(who_is_too_slow_learns_how_much_it_missed) {
  add(5);
  BOOST_TEST(x.read(0, all).missed == 2u);
  BOOST_TEST(x.read(1, all).missed == 1u);
  BOOST_TEST(x.read(2, all).missed == 0u);
  BOOST_TEST(x.read(5, all).missed == 0u);
}

BOOST_AUTO_TEST_CASE(a_page_is_as_long_as_asked_and_the_next_one_goes_on_there) {
  add(3);
  const auto first = x.read(0, 2);
  BOOST_TEST(ids_of(first) == (ids{1, 2}), per_element());
  BOOST_TEST(ids_of(x.read(first.entries.back().id, 2)) == ids{3}, per_element());
  BOOST_TEST(x.read(0, 0).entries.empty());
}

BOOST_AUTO_TEST_CASE(a_page_that_is_too_short_for_all_misses_nothing_by_that) {
  add(5);
  const auto page = x.read(2, 1);
  BOOST_TEST(page.missed == 0u);
  BOOST_TEST(ids_of(page) == ids{3}, per_element());
}

// Its number comes from outside: from before a restart, or invented.
BOOST_AUTO_TEST_CASE(a_reader_from_the_future_gets_nothing_and_missed_nothing) {
  add(5);
  for (auto after : {std::uint64_t{6}, std::numeric_limits<std::uint64_t>::max()}) {
    const auto page = x.read(after, all);
    BOOST_TEST(page.entries.empty());
    BOOST_TEST(page.missed == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_journal_that_keeps_nothing_still_counts) {
  auto none = journal<std::string>{0};
  BOOST_TEST(none.add("a") == 1u);
  BOOST_TEST(none.add("b") == 2u);
  BOOST_TEST(none.read(0, all).entries.empty());
  BOOST_TEST(none.read(0, all).missed == 2u);
}

BOOST_AUTO_TEST_CASE(a_reader_that_adds_up_what_it_got_and_missed_has_all) {
  auto seen = std::uint64_t{0};
  auto got = std::uint64_t{0};
  auto missed = std::uint64_t{0};
  for (int i = 0; i < 100; ++i) {
    add(i % 6);
    const auto page = x.read(seen, 2);
    missed += page.missed;
    got += page.entries.size();
    if (!page.entries.empty())
      seen = page.entries.back().id;
    BOOST_TEST(got + missed == seen);
  }
}

BOOST_AUTO_TEST_SUITE_END()
