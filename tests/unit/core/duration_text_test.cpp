#include "actors/core/duration_text.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>

using namespace actors;
using namespace std::chrono_literals;

namespace duration_text_tests {

const auto hostile = {"", " ", "s", "ms", "-1s", "-1", "+1s", "1.5s", "1,5s", "5 s", " 5s", "5s ",
  "5s\n", "1", "15", "5S", "5MS", "5x", "5sec", "5ss", "5sm", "1d", "1us", "1ns", "1h30m", "1m30s",
  "0x10s", "1e3s", "inf", "nan", "--1s", "1s-", "99999999999999999999s", "9223372036854775808ms",
  "18446744073709551617ms", "9223372036854775807h", "\xff\xfe", "\xe2\x82\xac"};

/// The longest span that fits a clock of 64-bit nanoseconds.
constexpr auto longest = std::chrono::milliseconds{9'223'372'036'854};

} // namespace duration_text_tests

BOOST_AUTO_TEST_SUITE(duration_text_tests)

BOOST_AUTO_TEST_CASE(every_unit_is_read) {
  BOOST_TEST((parse_duration("250ms") == 250ms));
  BOOST_TEST((parse_duration("2s") == 2s));
  BOOST_TEST((parse_duration("1m") == 1min));
  BOOST_TEST((parse_duration("2h") == 2h));
}

BOOST_AUTO_TEST_CASE(zero_needs_no_unit_and_takes_any) {
  for (auto text : {"0", "0ms", "0s", "0m", "0h"})
    BOOST_TEST((parse_duration(text) == 0ms), text);
}

BOOST_DATA_TEST_CASE(hostile_text_is_nothing, boost::unit_test::data::make(hostile)) {
  BOOST_TEST(!parse_duration(sample).has_value());
}

BOOST_AUTO_TEST_CASE(a_view_of_nothing_is_nothing) {
  BOOST_TEST(!parse_duration({}).has_value());
}

BOOST_AUTO_TEST_CASE(a_zero_byte_ends_no_text) {
  BOOST_TEST(!parse_duration(std::string_view{"5s\0", 3}).has_value());
}

BOOST_AUTO_TEST_CASE(only_the_view_is_read_and_not_what_follows_it) {
  BOOST_TEST((parse_duration(std::string_view{"25ms"}.substr(0, 1)).has_value() == false));
  BOOST_TEST((parse_duration(std::string_view{"5ssss"}.substr(0, 2)) == 5s));
}

BOOST_AUTO_TEST_CASE(the_longest_span_the_clocks_can_count_is_read_and_no_longer_one) {
  BOOST_TEST((parse_duration("9223372036854ms") == longest));
  BOOST_TEST(!parse_duration("9223372036855ms").has_value());
  BOOST_TEST((parse_duration("2562047h") == 2'562'047h));
  BOOST_TEST(!parse_duration("2562048h").has_value());
}

BOOST_AUTO_TEST_CASE(a_span_is_written_in_the_largest_unit_that_loses_nothing) {
  BOOST_TEST(to_text(0ms) == "0");
  BOOST_TEST(to_text(1ms) == "1ms");
  BOOST_TEST(to_text(999ms) == "999ms");
  BOOST_TEST(to_text(1'000ms) == "1s");
  BOOST_TEST(to_text(1'001ms) == "1001ms");
  BOOST_TEST(to_text(59s) == "59s");
  BOOST_TEST(to_text(60s) == "1m");
  BOOST_TEST(to_text(90s) == "90s");
  BOOST_TEST(to_text(90min) == "90m");
  BOOST_TEST(to_text(48h) == "48h");
}

BOOST_DATA_TEST_CASE(what_is_written_reads_back_the_same, boost::unit_test::data::xrange(64)) {
  auto random = std::mt19937_64{static_cast<unsigned>(sample)};
  for (int i = 0; i < 100; ++i) {
    const auto units = {1ms, 1'000ms, 60'000ms, 3'600'000ms};
    const auto unit = *(units.begin() + random() % 4);
    const auto count = static_cast<std::int64_t>(random() >> (random() % 64));
    const auto span = unit * (count % (longest / unit + 1));
    if (span >= 0ms)
      BOOST_TEST((parse_duration(to_text(span)) == span), to_text(span));
  }
}

BOOST_AUTO_TEST_SUITE_END()
