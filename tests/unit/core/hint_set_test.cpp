#include "actors/core/hint_set.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace actors;

namespace hint_set_tests {

constexpr auto hints_max = std::size_t{100};

struct hinted {
  hint_set set{hint_limits{hints_max}};
};

} // namespace hint_set_tests

BOOST_FIXTURE_TEST_SUITE(hint_set_tests, hinted)

BOOST_AUTO_TEST_CASE(a_hint_comes_out_as_it_went_in) {
  BOOST_TEST(set.empty());
  BOOST_TEST(set.add(7, "a", hint::vanished));
  BOOST_TEST(set.size() == 1u);
  const auto got = set.take();
  BOOST_REQUIRE_EQUAL(got.size(), 1u);
  BOOST_TEST(got[0].directory == 7u);
  BOOST_TEST(got[0].name == "a");
  BOOST_TEST(int{got[0].kinds} == int{hint::vanished});
  BOOST_TEST(got[0].is_gone);
  BOOST_TEST(int{got[0].tries} == 0);
}

// A file was found lost once in some sixty storms: its name had been called gone, the look was put
// off, the name was taken again and that told, and then the old word was believed.
BOOST_AUTO_TEST_CASE(a_hint_that_was_put_off_asks_the_disk_whatever_it_said) {
  BOOST_TEST(set.add(1, "a", hint::vanished));
  auto why = set.take().front();
  BOOST_TEST(why.is_gone);
  BOOST_TEST(set.put_back(std::move(why).put_off()));
  const auto again = set.take();
  BOOST_TEST(!again[0].is_gone);
  BOOST_TEST(!again[0].keeps_identity());
  BOOST_TEST(int{again[0].tries} == 1);
}

BOOST_AUTO_TEST_CASE(what_is_put_back_does_not_overrule_a_newer_word) {
  BOOST_TEST(set.add(1, "a", hint::created));
  auto older = set.take().front();
  BOOST_TEST(set.add(1, "a", hint::vanished));
  BOOST_TEST(set.put_back(std::move(older)));
  const auto got = set.take();
  BOOST_REQUIRE_EQUAL(got.size(), 1u);
  BOOST_TEST(got[0].is_gone);
}

BOOST_AUTO_TEST_CASE(a_name_hinted_at_twice_is_in_it_once_with_both_kinds) {
  BOOST_TEST(set.add(1, "a", hint::attributes));
  BOOST_TEST(set.add(1, "a", hint::vanished));
  const auto got = set.take();
  BOOST_REQUIRE_EQUAL(got.size(), 1u);
  BOOST_TEST(int{got[0].kinds} == (hint::attributes | hint::vanished));
}

// After renameat2(RENAME_EXCHANGE) the kernel's last word on the second name is "moved away".
BOOST_AUTO_TEST_CASE(a_name_that_moved_away_is_looked_at) {
  BOOST_TEST(set.add(1, "b", hint::arrived));
  BOOST_TEST(set.add(1, "b", hint::moved_away));
  BOOST_TEST(!set.take()[0].is_gone);
}

// fanotify: `mv a b; mv b a; mv a b` is told as a to b, b to a.
BOOST_AUTO_TEST_CASE(where_the_order_is_lost_no_word_may_say_that_the_name_is_taken) {
  const auto lost = word_order::lost;
  BOOST_TEST(set.add(1, "b", hint::arrived, lost));
  BOOST_TEST(set.add(1, "b", hint::moved_away, lost));
  BOOST_TEST(!set.take()[0].is_gone);
  BOOST_TEST(set.add(1, "b", hint::vanished, lost));
  BOOST_TEST(set.add(1, "b", hint::written, lost));
  BOOST_TEST(set.take()[0].is_gone);
}

// Of an exchange the two words may be read in two turns. "arrived" was looked at in the first, when
// the disk had both; the second has "moved away" alone, and the name is not gone (seen in 7 of 144
// runs of test_hostile.py, three at a time).
BOOST_AUTO_TEST_CASE(moved_away_alone_says_nothing_of_a_name_whatever_the_order) {
  for (const auto order : {word_order::kept, word_order::lost}) {
    BOOST_TEST(set.add(1, "b", hint::arrived, order, {name_claim::kind::file, {1}}));
    set.clear();
    BOOST_TEST(set.add(1, "b", hint::moved_away, order));
    BOOST_TEST(!set.take()[0].is_gone);
  }
}

BOOST_AUTO_TEST_CASE(a_file_is_believed_to_have_the_name_when_no_other_is_named) {
  const auto one = name_claim{name_claim::kind::file, {1}};
  const auto other = name_claim{name_claim::kind::file, {2}};
  const auto end = name_claim{name_claim::kind::none, {}};
  const auto claim_after = [&](std::initializer_list<name_claim> claims) {
    for (const auto& x : claims)
      BOOST_TEST(set.add(1, "a", hint::written, word_order::lost, x));
    return set.take()[0].claim;
  };
  BOOST_TEST((claim_after({one, end, one}).file == one.file));
  BOOST_TEST((claim_after({end, one}).file == one.file));
  BOOST_TEST((claim_after({one, other}).says == name_claim::kind::unknown));
  BOOST_TEST((claim_after({one, other, one}).says == name_claim::kind::unknown));
  BOOST_TEST((claim_after({one, name_claim{}}).says == name_claim::kind::unknown));
  BOOST_TEST((claim_after({end}).says == name_claim::kind::none));
}

BOOST_AUTO_TEST_CASE(a_hint_that_was_put_off_names_no_file) {
  BOOST_TEST(set.add(1, "a", hint::created, word_order::lost, {name_claim::kind::file, {1}}));
  auto why = std::move(set.take().front()).put_off();
  BOOST_TEST((why.claim.says == name_claim::kind::unknown));
}

BOOST_AUTO_TEST_CASE(the_same_name_elsewhere_is_another) {
  BOOST_TEST(set.add(1, "a", hint::created));
  BOOST_TEST(set.add(2, "a", hint::created));
  BOOST_TEST(set.add(1, "", hint::created));
  BOOST_TEST(set.size() == 3u);
}

BOOST_AUTO_TEST_CASE(hints_come_in_the_order_they_first_came) {
  for (const auto* name : {"c", "a", "b", "a", "c"})
    BOOST_TEST(set.add(1, name, hint::created));
  auto order = std::string{};
  for (const auto& x : set.take())
    order += x.name;
  BOOST_TEST(order == "cab");
}

BOOST_AUTO_TEST_CASE(a_full_set_refuses_new_names_only) {
  for (std::size_t i = 0; i < hints_max; ++i)
    BOOST_TEST(set.add(i, "a", hint::created));
  BOOST_TEST(!set.add(0, "b", hint::created));
  BOOST_TEST(set.add(0, "a", hint::vanished));
  BOOST_TEST(set.size() == hints_max);
  BOOST_TEST(int{set.take()[0].kinds} == (hint::created | hint::vanished));
}

BOOST_AUTO_TEST_CASE(take_empties_it_and_makes_room) {
  for (std::size_t i = 0; i < hints_max; ++i)
    BOOST_TEST(set.add(i, "a", hint::created));
  BOOST_TEST(set.take().size() == hints_max);
  BOOST_TEST(set.empty());
  BOOST_TEST(set.take().empty());
  BOOST_TEST(set.add(0, "a", hint::vanished));
  BOOST_TEST(int{set.take()[0].kinds} == int{hint::vanished}); // what was taken is forgotten
}

BOOST_AUTO_TEST_CASE(clear_empties_it) {
  BOOST_TEST(set.add(1, "a", hint::created));
  set.clear();
  BOOST_TEST(set.empty());
  BOOST_TEST(set.take().empty());
}

BOOST_AUTO_TEST_CASE(it_does_what_a_plain_list_would) {
  auto random = std::mt19937_64{1};
  auto plain = std::vector<hint>{};
  for (int i = 0; i < 20'000; ++i) {
    const auto directory = random() % 20;
    const auto name = std::to_string(random() % 15); // 300 places, of which 100 fit
    const auto kinds = static_cast<std::uint8_t>(1 + random() % 31);
    auto same = std::find_if(plain.begin(), plain.end(),
      [&](const hint& x) { return x.directory == directory && x.name == name; });
    const auto fits = same != plain.end() || plain.size() < hints_max;
    BOOST_REQUIRE(set.add(directory, name, kinds) == fits);
    if (same != plain.end())
      same->kinds |= kinds;
    else if (fits)
      plain.push_back({directory, name, kinds, 0});
    BOOST_REQUIRE_EQUAL(set.size(), plain.size());
    if (random() % 200 != 0)
      continue;
    const auto got = set.take();
    BOOST_REQUIRE(std::equal(
      got.begin(), got.end(), plain.begin(), plain.end(), [](const hint& a, const hint& b) {
        return a.directory == b.directory && a.name == b.name && a.kinds == b.kinds;
      }));
    plain.clear();
  }
}

BOOST_AUTO_TEST_SUITE_END()
