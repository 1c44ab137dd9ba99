#include "actors/core/batch_marks.hpp"

#include "actors/core/batch_builder.hpp"
#include "actors/core/delivery_ledger.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;

namespace batch_marks_tests {

event_batch one_record() {
  auto builder = batch_builder{};
  builder.add({.type = event_type::create, .path = "/a"});
  return builder.finish();
}

} // namespace batch_marks_tests

BOOST_AUTO_TEST_SUITE(batch_marks_tests)

BOOST_AUTO_TEST_CASE(the_highest_number_of_each_source_counts) {
  auto marks = batch_marks{{1, 5}};
  marks.add(batch_marks{{1, 3}});
  marks.add(batch_marks{{2, 9}});
  marks.add(batch_marks{{1, 6}});
  BOOST_TEST(marks.number_of(1) == 6u);
  BOOST_TEST(marks.number_of(2) == 9u);
  BOOST_TEST(marks.number_of(3) == 0u);
}

BOOST_AUTO_TEST_CASE(a_batch_has_no_marks_unless_it_is_given_some) {
  BOOST_TEST(!one_record().marks());
  BOOST_TEST(event_batch{}.is_void());
  BOOST_TEST(!event_batch{}.marked({}).marks());
}

BOOST_AUTO_TEST_CASE(marks_stay_when_a_batch_is_numbered) {
  const auto batch = one_record().marked(batch_marks{{0, 7}}).numbered(3);
  BOOST_REQUIRE(batch.marks());
  BOOST_TEST(batch.marks()->number_of(0) == 7u);
  BOOST_TEST(batch.first_seq() == 3u);
  BOOST_TEST(batch.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_batch_of_marks_alone_is_empty_but_not_void_and_weighs_nothing) {
  auto batch = event_batch{}.marked(batch_marks{{0, 7}});
  BOOST_TEST(batch.empty());
  BOOST_TEST(!batch.is_void());
  BOOST_TEST(batch.bytes() == 0u);
  BOOST_TEST(std::move(batch).unmarked().is_void());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(delivery_ledger_tests)

BOOST_AUTO_TEST_CASE(nothing_is_delivered_without_a_sink) {
  BOOST_TEST(delivery_ledger{}.delivered(0) == 0u);
}

BOOST_AUTO_TEST_CASE(what_every_sink_has_is_delivered) {
  auto ledger = delivery_ledger{};
  ledger.add_sink(0);
  ledger.add_sink(4);
  ledger.deliver(0, batch_marks{{1, 8}});
  BOOST_TEST(ledger.delivered(1) == 0u);
  ledger.deliver(4, batch_marks{{1, 5}});
  BOOST_TEST(ledger.delivered(1) == 5u);
  ledger.deliver(4, batch_marks{{1, 11}});
  BOOST_TEST(ledger.delivered(1) == 8u);
  BOOST_TEST(ledger.delivered(2) == 0u);
}

BOOST_AUTO_TEST_CASE(a_redelivery_takes_nothing_back) {
  auto ledger = delivery_ledger{};
  ledger.deliver(0, batch_marks{{1, 8}});
  ledger.deliver(0, batch_marks{{1, 2}});
  BOOST_TEST(ledger.delivered(1) == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
