#include "actors/codec/batch_blob.hpp"

#include "actors/codec/crc32.hpp"
#include "actors/codec/packed_bytes.hpp"
#include "actors/core/batch_builder.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <random>
#include <string>

using namespace actors;

namespace batch_blob_tests {

/// Every field set to something, at random; any byte in the texts.
event_batch random_batch(std::mt19937_64& random, std::size_t count) {
  auto builder = batch_builder{};
  const auto text = [&] {
    auto bytes = std::string(random() % 40, '\0');
    for (auto& x : bytes)
      x = static_cast<char>(random());
    return bytes;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const auto path = text();
    const auto from = random() % 2 == 0 ? text() : std::string{};
    const auto words = text();
    auto what = event{};
    what.type = static_cast<event_type>(random() % 14);
    what.ftype = static_cast<file_type>(random() % 5);
    what.replaced = random() % 2 == 0;
    what.initial = random() % 2 == 0;
    what.path = path;
    what.from = from;
    what.time = wall_time{std::chrono::nanoseconds{static_cast<std::int64_t>(random())}};
    if (is_change(what.type)) {
      what.size = random();
      what.identity = random();
      what.version = random();
      what.lost_identity = random() % 2 == 0 ? random() : 0;
      what.lost_version = random() % 2 == 0 ? random() : 0;
    } else {
      what.baseline = random() % 2 == 0;
      what.text = words;
      what.directories = random();
      what.files = random();
      what.changes = random();
      what.took = std::chrono::milliseconds{static_cast<std::int64_t>(random())};
    }
    builder.add(what);
  }
  return builder.finish().numbered(random());
}

bool same(const event_batch& a, const event_batch& b) {
  return a.first_seq() == b.first_seq() && a.size() == b.size()
         && std::equal(a.begin(), a.end(), b.begin());
}

} // namespace batch_blob_tests

BOOST_AUTO_TEST_SUITE(batch_blob_tests)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  auto random = std::mt19937_64{7};
  for (auto i = 0; i < 300; ++i) {
    const auto batch = random_batch(random, random() % 20);
    const auto back = read_batch_blob(write_batch_blob(batch));
    BOOST_REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().text));
    BOOST_TEST(same(*back, batch));
  }
}

BOOST_AUTO_TEST_CASE(the_bytes_of_version_1_stay_what_they_are) {
  auto random = std::mt19937_64{12};
  auto sum = crc32{};
  for (auto i = 0; i < 100; ++i)
    sum.add(write_batch_blob(random_batch(random, random() % 20)));
  BOOST_TEST(sum.value() == 0xEBC5E60FU);
}

BOOST_AUTO_TEST_CASE(marks_stay_here) {
  auto random = std::mt19937_64{8};
  const auto batch = random_batch(random, 3);
  const auto blob = write_batch_blob(batch.marked(batch_marks{{1, 2}}));
  BOOST_TEST(blob == write_batch_blob(batch));
  BOOST_TEST((read_batch_blob(blob)->marks() == nullptr));
}

BOOST_AUTO_TEST_CASE(every_byte_changed_and_every_end_cut_off_is_noticed) {
  auto random = std::mt19937_64{9};
  const auto blob = write_batch_blob(random_batch(random, 4));
  for (std::size_t i = 0; i < blob.size(); ++i) {
    BOOST_TEST(!read_batch_blob(blob.substr(0, i)));
    auto other = blob;
    other[i] = static_cast<char>(other[i] ^ 4);
    BOOST_TEST(!read_batch_blob(other));
  }
  BOOST_TEST(!read_batch_blob(blob + "x"));
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_no_damage) {
  auto random = std::mt19937_64{10};
  auto blob = write_batch_blob(random_batch(random, 4));
  blob[0] = 2;
  BOOST_TEST((read_batch_blob(blob).error().code == errc::not_supported));
}

BOOST_AUTO_TEST_CASE(a_count_that_lies_allocates_nothing) {
  auto blob = std::string{"\1"};
  pack_varint(1, blob);
  pack_varint(1'000'000, blob);
  auto sum = crc32{};
  sum.add(blob);
  pack_fixed32(sum.value(), blob);
  BOOST_TEST((read_batch_blob(blob).error().code == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(the_limits_hold) {
  auto random = std::mt19937_64{11};
  const auto blob = write_batch_blob(random_batch(random, 4));
  BOOST_TEST((read_batch_blob(blob, {.records_max = 3}).error().code == errc::full));
  BOOST_TEST((read_batch_blob(blob, {.bytes_max = 10}).error().code == errc::full));
  BOOST_TEST(read_batch_blob(blob, {.bytes_max = blob.size(), .records_max = 4}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
