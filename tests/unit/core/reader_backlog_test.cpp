#include "actors/core/reader_backlog.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace actors;

namespace reader_backlog_tests {

reader_backlog::block lines(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// Reads so many bytes, or what there is.
std::string read(reader_backlog& from, std::size_t bytes_max) {
  auto text = std::string{};
  while (!from.empty() && text.size() < bytes_max) {
    const auto front = from.front().substr(0, bytes_max - text.size());
    text += front;
    from.written(front.size());
  }
  return text;
}

} // namespace reader_backlog_tests

BOOST_AUTO_TEST_SUITE(reader_backlog_tests)

BOOST_AUTO_TEST_CASE(what_was_added_comes_out_in_order_in_pieces_of_any_size) {
  for (auto size = std::size_t{1}; size < 12; ++size) {
    auto one = reader_backlog{100};
    one.add(lines("ab\nc\n"));
    one.add(lines("def\n"));
    BOOST_TEST(one.bytes() == 9u);
    auto text = std::string{};
    while (!one.empty())
      text += read(one, size);
    BOOST_TEST(text == "ab\nc\ndef\n");
    BOOST_TEST(one.bytes() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(it_has_room_up_to_its_bound_and_for_anything_when_empty) {
  auto one = reader_backlog{4};
  BOOST_TEST(one.has_room_for(100));
  one.add(lines("a\n"));
  BOOST_TEST(one.has_room_for(2));
  BOOST_TEST(!one.has_room_for(3));
}

BOOST_AUTO_TEST_CASE(room_is_made_by_dropping_the_oldest_whole_lines) {
  auto one = reader_backlog{8};
  one.add(lines("a\nb\nc\nd\n"));
  BOOST_TEST(one.make_room_for(3) == 2u);
  one.add(lines("ee\n"));
  BOOST_TEST(read(one, 100) == "c\nd\nee\n");
}

BOOST_AUTO_TEST_CASE(a_line_of_which_the_reader_has_a_part_is_not_dropped) {
  auto one = reader_backlog{12};
  one.add(lines("aaaa\nbb\ncc\n"));
  BOOST_TEST(read(one, 2) == "aa");
  BOOST_TEST(one.make_room_for(9) == 2u);
  one.add(lines("dddddddd\n"));
  BOOST_TEST(read(one, 100) == "aa\ndddddddd\n");
}

BOOST_AUTO_TEST_CASE(whatever_is_read_and_dropped_only_whole_lines_are_missing) {
  auto random = std::mt19937{7};
  for (auto round = 0; round < 200; ++round) {
    auto one = reader_backlog{64};
    auto number = 0;
    auto text = std::string{};
    auto dropped = std::uint64_t{0};
    for (auto step = 0; step < 100; ++step) {
      auto block = std::string{};
      for (auto n = random() % 4 + 1; n > 0; --n)
        block += std::to_string(number++) + std::string(random() % 9, 'x') + "\n";
      dropped += one.make_room_for(block.size());
      one.add(lines(block));
      BOOST_TEST(one.bytes() <= 64u + 60u);
      text += read(one, random() % 40);
    }
    text += read(one, SIZE_MAX);
    auto last = -1;
    auto told = 0;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const auto next = std::stoi(text.substr(at));
      BOOST_REQUIRE(next > last);
      last = next;
      ++told;
    }
    BOOST_TEST(static_cast<std::uint64_t>(told) + dropped == static_cast<std::uint64_t>(number));
  }
}

BOOST_AUTO_TEST_SUITE_END()
