#include "actors/core/delivery_window.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>

using namespace actors;
using namespace std::chrono_literals;

namespace delivery_window_tests {

using window = delivery_window<std::string>;

constexpr auto start = time_point{} + 1h;

window with_items(std::initializer_list<const char*> items, std::size_t items_max = 8) {
  auto made = window{items_max};
  for (const auto* each : items)
    made.add(each);
  return made;
}

/// Everything that may be sent now: "1a 2b", a repeat with '!'.
std::string sent_by(window& from, time_point now = start) {
  auto text = std::string{};
  while (const auto next = from.next(now))
    text += (text.empty() ? "" : " ") + std::to_string(next->number) + *next->item
            + (next->is_repeat ? "!" : "");
  return text;
}

constexpr auto nonsense = std::optional<std::size_t>{};
constexpr std::optional<std::size_t> released(std::size_t count) {
  return count;
}

} // namespace delivery_window_tests

BOOST_AUTO_TEST_SUITE(delivery_window_tests)

BOOST_AUTO_TEST_CASE(it_takes_so_many_items_and_no_more) {
  auto two = window{2};
  BOOST_TEST(two.capacity() == 2U);
  two.add("a");
  BOOST_TEST(two.has_room());
  two.add("b");
  BOOST_TEST(!two.has_room());
  BOOST_TEST(two.size() == 2U);
}

BOOST_AUTO_TEST_CASE(nothing_is_given_without_a_session) {
  auto items = with_items({"a"});
  BOOST_TEST(sent_by(items) == "");
  items.begin_session(5);
  items.end_session();
  BOOST_TEST(sent_by(items) == "");
  BOOST_TEST(items.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_numbers_from_one) {
  auto items = with_items({"a", "b", "c"});
  items.begin_session(8);
  BOOST_TEST(sent_by(items) == "1a 2b 3c");
  BOOST_TEST(items.in_flight() == 3U);
  BOOST_TEST(items.unsent() == 0U);
  items.add("d");
  BOOST_TEST(sent_by(items) == "4d");
}

BOOST_AUTO_TEST_CASE(no_more_are_open_than_there_is_credit) {
  auto items = with_items({"a", "b", "c", "d"});
  items.begin_session(2);
  BOOST_TEST(sent_by(items) == "1a 2b");
  BOOST_TEST((items.acknowledge(1, 2, start) == released(1)));
  BOOST_TEST(sent_by(items) == "3c");
  BOOST_TEST((items.acknowledge(3, 0, start) == released(2)));
  BOOST_TEST(sent_by(items) == "");
  BOOST_TEST((items.acknowledge(3, 1, start) == released(0)), "the same number, with more credit");
  BOOST_TEST(sent_by(items) == "4d");
}

BOOST_AUTO_TEST_CASE(credit_may_shrink_below_what_is_open) {
  auto items = with_items({"a", "b", "c", "d"});
  items.begin_session(3);
  BOOST_TEST(sent_by(items) == "1a 2b 3c");
  BOOST_TEST((items.acknowledge(1, 1, start) == released(1)));
  BOOST_TEST(sent_by(items) == "");
  BOOST_TEST((items.acknowledge(3, 1, start) == released(2)));
  BOOST_TEST(sent_by(items) == "4d");
}

BOOST_AUTO_TEST_CASE(an_ack_releases_all_up_to_its_number) {
  auto items = with_items({"a", "b", "c"}, 3);
  items.begin_session(8);
  sent_by(items);
  BOOST_TEST((items.acknowledge(2, 8, start) == released(2)));
  BOOST_TEST(items.size() == 1U);
  BOOST_TEST(items.acknowledged() == 2U);
  BOOST_TEST(items.has_room());
}

BOOST_AUTO_TEST_CASE(an_old_or_repeated_ack_changes_nothing) {
  auto items = with_items({"a", "b", "c"});
  items.begin_session(2);
  sent_by(items);
  BOOST_TEST((items.acknowledge(2, 2, start) == released(2)));
  BOOST_TEST((items.acknowledge(2, 2, start) == released(0)));
  BOOST_TEST((items.acknowledge(1, 0, start) == released(0)));
  BOOST_TEST((items.acknowledge(0, 0, start) == released(0)));
  BOOST_TEST(items.credit() == 2U, "an old ack has no word in it");
  BOOST_TEST(sent_by(items) == "3c");
}

BOOST_AUTO_TEST_CASE(an_ack_of_what_was_not_sent_is_nonsense_and_releases_nothing) {
  auto items = with_items({"a", "b", "c"});
  BOOST_TEST((items.acknowledge(1, 8, start) == nonsense), "no session");
  items.begin_session(2);
  BOOST_TEST((items.acknowledge(1, 8, start) == nonsense), "nothing was sent");
  sent_by(items);
  BOOST_TEST((items.acknowledge(3, 8, start) == nonsense));
  BOOST_TEST((items.acknowledge(UINT64_MAX, 8, start) == nonsense));
  BOOST_TEST(items.size() == 3U);
  BOOST_TEST(items.credit() == 2U);
  BOOST_TEST((items.acknowledge(2, 8, start) == released(2)));
}

BOOST_AUTO_TEST_CASE(a_new_session_gives_again_what_was_left_open) {
  auto items = with_items({"a", "b", "c"});
  items.begin_session(2);
  sent_by(items);
  items.acknowledge(1, 2, start);
  items.begin_session(8);
  BOOST_TEST(sent_by(items) == "1b! 2c");
  BOOST_TEST((items.acknowledge(1, 8, start) == released(1)));
  items.end_session();
  items.add("d");
  items.begin_session(8);
  BOOST_TEST(sent_by(items) == "1c! 2d");
  BOOST_TEST(items.sent() == 4U);
  BOOST_TEST(items.repeated() == 2U);
}

BOOST_AUTO_TEST_CASE(it_waits_since_the_first_open_item_was_sent) {
  auto items = with_items({"a", "b", "c"});
  BOOST_TEST(!items.waiting_since().has_value());
  items.begin_session(2);
  BOOST_TEST(!items.waiting_since().has_value());
  items.next(start);
  items.next(start + 1s);
  BOOST_TEST((items.waiting_since() == start));
  items.acknowledge(0, 9, start + 2s);
  BOOST_TEST((items.waiting_since() == start), "more credit is no progress");
  items.acknowledge(1, 2, start + 3s);
  BOOST_TEST((items.waiting_since() == start + 3s), "progress, and one is open still");
  items.acknowledge(2, 2, start + 4s);
  BOOST_TEST(!items.waiting_since().has_value());
  items.next(start + 9s);
  BOOST_TEST((items.waiting_since() == start + 9s));
  items.end_session();
  BOOST_TEST(!items.waiting_since().has_value());
}

BOOST_AUTO_TEST_CASE(what_is_safe_is_let_go_of_at_once) {
  auto items = delivery_window<std::shared_ptr<int>>{4};
  const auto held = std::make_shared<int>(1);
  items.add(held);
  items.begin_session(1);
  items.next(start);
  BOOST_TEST(held.use_count() == 2);
  items.acknowledge(1, 1, start);
  BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
