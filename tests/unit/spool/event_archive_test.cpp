#include "actors/spool/event_archive.hpp"

#include "actors/codec/event_line.hpp"
#include "actors/os/poll.hpp"
#include "actors/spool/archive_schema.hpp"
#include "actors/spool/database.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "unit/spool/archive_fixture.hpp"

using namespace actors;
using namespace actors::test;

BOOST_FIXTURE_TEST_SUITE(event_archive_tests, archive_fixture)

BOOST_AUTO_TEST_CASE(what_is_stored_is_read_in_the_order_in_which_it_came) {
  const auto archive = open();
  const auto done = store(*archive, {numbers_of("a", 1, 3), numbers_of("b", 1, 2)});
  BOOST_REQUIRE(done.size() == 2u);
  BOOST_TEST((done[0] == filed{3, 0, 0}));
  BOOST_TEST((done[1] == filed{2, 0, 0}));
  store(*archive, {numbers_of("a", 4, 1)});
  const auto first = read(*archive, 0);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->batch.size() == 3u);
  BOOST_TEST(first->batch.first_seq() == 1u);
  BOOST_TEST((*first->batch.origin() == *origin_of("a")));
  const auto second = read(*archive, first->id);
  BOOST_TEST(second->batch.origin()->node == "node-b");
  const auto third = read(*archive, second->id);
  BOOST_TEST(third->batch.first_seq() == 4u);
  BOOST_TEST(!read(*archive, third->id));
  BOOST_TEST(third->id == archive->size().last_id);
  BOOST_TEST(archive->size().records == 6u);
  BOOST_TEST(archive->size().streams == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_there_is_left_out_and_counted) {
  const auto archive = open();
  store(*archive, {numbers_of("a", 1, 5)});
  const auto done =
    store(*archive, {numbers_of("a", 1, 5), numbers_of("a", 4, 4), numbers_of("a", 6, 2)});
  BOOST_TEST((done[0] == filed{0, 5, 0}));
  BOOST_TEST((done[1] == filed{2, 2, 0}));
  BOOST_TEST((done[2] == filed{0, 2, 0}));
  BOOST_TEST(all_of(*archive).size() == 7u);
}

BOOST_AUTO_TEST_CASE(a_gap_is_counted_and_what_comes_late_fills_it) {
  const auto archive = open();
  BOOST_TEST((store(*archive, {numbers_of("a", 5, 2)})[0] == filed{2, 0, 4}));
  BOOST_TEST((store(*archive, {numbers_of("a", 10, 1)})[0] == filed{1, 0, 3}));
  BOOST_TEST(archive->size().gaps == 7u);
  BOOST_TEST((store(*archive, {numbers_of("a", 1, 8)})[0] == filed{6, 2, 0}));
  BOOST_TEST(archive->size().gaps == 1u);
  BOOST_TEST((store(*archive, {numbers_of("a", 1, 10)})[0] == filed{1, 9, 0}));
  BOOST_TEST(archive->size().gaps == 0u);
}

BOOST_AUTO_TEST_CASE(each_consumer_has_a_cursor) {
  auto archive = open();
  store(*archive, {numbers_of("a", 1, 5)});
  using begin_at = event_archive::begin_at;
  BOOST_TEST(*archive->cursor("all", begin_at::first) == 0u);
  BOOST_TEST(*archive->cursor("new", begin_at::last) == 5u);
  BOOST_REQUIRE(archive->advance("all", 3).has_value());
  BOOST_REQUIRE(archive->advance("all", 2).has_value()); // stays where it is
  archive.reset();
  archive = open();
  store(*archive, {numbers_of("a", 6, 1)});
  BOOST_TEST(*archive->cursor("all", begin_at::last) == 3u);
  BOOST_TEST(*archive->cursor("new", begin_at::last) == 5u);
}

BOOST_AUTO_TEST_SUITE_END()
