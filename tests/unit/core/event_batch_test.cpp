#include "actors/core/batch_builder.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;

namespace event_batch_tests {

static_assert(static_cast<int>(event_type::error) == event_types - 1);

/// Any byte but NUL, quotes, line ends and broken UTF-8 among them.
const std::string odd_path = "/tmp/\x01\n\t\"\\'\x7f\x80\xc3\x28\xff\xfe\xe2\x98\x83 .";
const std::string odd_origin = "/\xed\xa0\x80/..\r\n";

/// An event with every field set that its type can carry.
event full(event_type type) {
  auto x = event{};
  x.type = type;
  x.ftype = file_type::link;
  x.path = odd_path;
  x.time = wall_time{1'700'000'000'123'456'789ns};
  if (is_change(type)) {
    x.size = 0xffff'ffff'ffff'fff0;
    x.replaced = true;
    x.initial = true;
    x.identity = 0xffff'ffff'ffff'fff1;
    x.version = 0xffff'ffff'ffff'fff2;
    x.lost_identity = 0xffff'ffff'ffff'fff3;
    x.lost_version = 0xffff'ffff'ffff'fff4;
  } else {
    x.text = "inotify: no \"watches\"\nleft \xff";
    x.directories = 1ull << 40;
    x.files = (1ull << 40) + 1;
    x.changes = (1ull << 40) + 2;
    x.took = 12'345ms;
    x.baseline = true;
  }
  if (type == event_type::rename)
    x.from = odd_origin;
  return x;
}

event_batch batch_of(std::initializer_list<event> events) {
  auto builder = batch_builder{};
  for (const auto& x : events)
    builder.add(x);
  return builder.finish();
}

event at(std::string_view path) {
  auto x = event{};
  x.path = path;
  return x;
}

std::vector<event> events_of(const event_batch& batch) {
  auto events = std::vector<event>{};
  for (auto x : batch)
    events.push_back(x);
  return events;
}

} // namespace event_batch_tests

BOOST_AUTO_TEST_SUITE(event_batch_tests)

BOOST_DATA_TEST_CASE(
  a_full_event_of_each_type_comes_back_the_same, boost::unit_test::data::xrange(event_types)) {
  const auto type = static_cast<event_type>(sample);
  const auto batch = batch_of({full(type)});
  BOOST_REQUIRE(batch.size() == 1u);
  BOOST_TEST((batch[0] == full(type)));
}

BOOST_DATA_TEST_CASE(
  a_bare_event_of_each_type_comes_back_the_same, boost::unit_test::data::xrange(event_types)) {
  auto bare = event{};
  bare.type = static_cast<event_type>(sample);
  BOOST_TEST((batch_of({bare})[0] == bare));
}

BOOST_DATA_TEST_CASE(a_random_mixture_comes_back_in_order, boost::unit_test::data::xrange(30)) {
  auto random = std::mt19937{static_cast<unsigned>(sample)};
  auto paths = std::vector<std::string>(200);
  for (auto& path : paths)
    for (auto length = random() % 300; length > 0; --length)
      path.push_back(static_cast<char>(1 + random() % 255));
  auto given = std::vector<event>{};
  auto builder = batch_builder{};
  for (const auto& path : paths) {
    auto x = full(static_cast<event_type>(random() % event_types));
    x.path = path;
    x.ftype = static_cast<file_type>(random() % 5);
    if (x.type == event_type::rename)
      x.from = paths[random() % paths.size()];
    if (is_change(x.type) && random() % 2 == 0)
      x.lost_identity = x.lost_version = 0;
    given.push_back(x);
    builder.add(x);
  }
  const auto batch = builder.finish();
  BOOST_TEST((events_of(batch) == given));
}

BOOST_AUTO_TEST_CASE(the_text_outlives_its_source) {
  auto path = std::string(100, 'p');
  auto text = std::string(100, 't');
  auto builder = batch_builder{};
  auto x = at(path);
  x.type = event_type::error;
  x.text = text;
  builder.add(x);
  std::fill(path.begin(), path.end(), '!');
  std::fill(text.begin(), text.end(), '!');
  const auto batch = builder.finish();
  BOOST_TEST(batch[0].path == std::string(100, 'p'));
  BOOST_TEST(batch[0].text == std::string(100, 't'));
}

BOOST_AUTO_TEST_CASE(the_text_lives_as_long_as_any_copy_of_the_batch) {
  auto copy = event_batch{};
  {
    const auto batch = batch_of({full(event_type::rename)});
    copy = batch.numbered(3);
  }
  BOOST_TEST((copy[0] == full(event_type::rename)));
}

BOOST_AUTO_TEST_CASE(a_batch_of_nothing_is_empty) {
  const auto batch = batch_builder{}.finish();
  BOOST_TEST(batch.empty());
  BOOST_TEST(batch.size() == 0u);
  BOOST_TEST(batch.bytes() == 0u);
  BOOST_TEST((batch.begin() == batch.end()));
}

BOOST_AUTO_TEST_CASE(a_finished_builder_is_empty_and_can_be_used_again) {
  auto builder = batch_builder{};
  builder.add(full(event_type::error));
  const auto first = builder.finish();
  BOOST_TEST(builder.empty());
  BOOST_TEST(builder.bytes() == 0u);
  builder.add(full(event_type::overflow));
  const auto second = builder.finish();
  BOOST_TEST((events_of(first) == std::vector{full(event_type::error)}));
  BOOST_TEST((events_of(second) == std::vector{full(event_type::overflow)}));
}

BOOST_AUTO_TEST_CASE(a_batch_added_follows_what_was_there) {
  auto builder = batch_builder{};
  builder.add(full(event_type::error));
  builder.add(batch_of({full(event_type::recovered), full(event_type::rename)}));
  const auto expected =
    std::vector{full(event_type::error), full(event_type::recovered), full(event_type::rename)};
  BOOST_TEST(builder.size() == 3u);
  const auto batch = builder.finish();
  BOOST_TEST((events_of(batch) == expected));
}

BOOST_AUTO_TEST_CASE(a_fresh_batch_is_not_numbered) {
  BOOST_TEST(batch_of({at("/a")}).first_seq() == 0u);
}

BOOST_AUTO_TEST_CASE(numbering_keeps_the_records_and_leaves_the_original_alone) {
  const auto plain = batch_of({at("/a"), at("/b")});
  const auto numbered = plain.numbered(42);
  BOOST_TEST(numbered.first_seq() == 42u);
  BOOST_TEST(plain.first_seq() == 0u);
  BOOST_TEST((events_of(numbered) == events_of(plain)));
}

BOOST_AUTO_TEST_CASE(a_copy_shares_the_text) {
  const auto batch = batch_of({at("/a")});
  const auto copy = batch.numbered(7);
  BOOST_TEST(static_cast<const void*>(copy[0].path.data()) == batch[0].path.data());
}

BOOST_DATA_TEST_CASE(
  one_record_alone_keeps_all_it_says, boost::unit_test::data::xrange(event_types)) {
  const auto type = static_cast<event_type>(sample);
  const auto batch = batch_of({full(event_type::error), full(type), full(event_type::ready)});
  const auto alone = batch_builder::only(batch, 1);
  BOOST_REQUIRE(alone.size() == 1u);
  BOOST_TEST((alone[0] == full(type)));
}

BOOST_AUTO_TEST_CASE(one_record_alone_keeps_its_number) {
  const auto batch = batch_of({at("/a"), at("/b"), at("/c")}).numbered(10);
  BOOST_TEST(batch_builder::only(batch, 0).first_seq() == 10u);
  BOOST_TEST(batch_builder::only(batch, 2).first_seq() == 12u);
}

BOOST_AUTO_TEST_CASE(one_record_of_an_unnumbered_batch_has_no_number) {
  const auto batch = batch_of({at("/a"), at("/b")});
  BOOST_TEST(batch_builder::only(batch, 1).first_seq() == 0u);
}

BOOST_AUTO_TEST_CASE(the_weight_counts_the_paths) {
  const auto path = std::string(10'000, 'x');
  auto builder = batch_builder{};
  builder.add(at(path));
  BOOST_TEST(builder.bytes() >= path.size());
  BOOST_TEST(builder.finish().bytes() >= path.size());
}

BOOST_AUTO_TEST_CASE(the_weight_counts_where_a_rename_came_from) {
  const auto path = std::string(10'000, 'x');
  auto x = at("/a");
  x.type = event_type::rename;
  x.from = path;
  BOOST_TEST(batch_of({x}).bytes() >= path.size());
}

BOOST_AUTO_TEST_CASE(the_weight_counts_the_text_of_a_marker) {
  const auto text = std::string(10'000, 'x');
  auto x = at("/a");
  x.type = event_type::error;
  x.text = text;
  auto builder = batch_builder{};
  builder.add(x);
  BOOST_TEST(builder.bytes() >= text.size());
  BOOST_TEST(builder.finish().bytes() >= text.size());
}

BOOST_AUTO_TEST_CASE(a_batch_knows_how_many_records_of_each_type_it_has) {
  auto builder = batch_builder{};
  for (const auto type : {event_type::create, event_type::remove, event_type::create})
    builder.add({.type = type, .path = "/a"});
  const auto batch = builder.finish();
  BOOST_TEST(batch.count(event_type::create) == 2u);
  BOOST_TEST(batch.count(event_type::remove) == 1u);
  BOOST_TEST(batch.count(event_type::error) == 0u);
  builder.add({.type = event_type::error, .path = "/a"});
  BOOST_TEST(builder.finish().count(event_type::create) == 0u); // counts do not outlive their batch
  BOOST_TEST(event_batch{}.count(event_type::create) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
