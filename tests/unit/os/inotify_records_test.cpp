#include "actors/os/inotify_records.hpp"

#include "actors/core/hint_set.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/inotify.h>

#include <cstring>
#include <memory>
#include <random>
#include <string>

using namespace actors;

namespace inotify_records_tests {

/// The bytes of one record, the name padded to `padded` bytes as the kernel does.
std::string record(int watch, std::uint32_t mask, const std::string& name, std::size_t padded) {
  auto head = inotify_event{};
  head.wd = watch;
  head.mask = mask;
  head.len = static_cast<std::uint32_t>(padded);
  auto bytes = std::string{reinterpret_cast<const char*>(&head), sizeof head};
  bytes += name;
  bytes.resize(sizeof head + padded, '\0');
  return bytes;
}

struct parsed {
  /// In a block of exactly that size, so that the address sanitizer sees every byte too far.
  explicit parsed(const std::string& bytes)
    : block{std::make_unique<char[]>(std::max<std::size_t>(bytes.size(), 1))} {
    std::copy(bytes.begin(), bytes.end(), block.get());
    understood = parse_inotify(block.get(), bytes.size(), records);
  }
  std::unique_ptr<char[]> block;
  std::vector<inotify_record> records;
  std::size_t understood = 0;
};

} // namespace inotify_records_tests

BOOST_AUTO_TEST_SUITE(inotify_records_tests)

BOOST_AUTO_TEST_CASE(well_formed_records_are_read_in_order) {
  const auto bytes = record(1, IN_CREATE, "a", 16) + record(2, IN_MOVED_FROM, "b.txt", 16)
                     + record(1, IN_DELETE_SELF, "", 0) + record(1, IN_IGNORED, "", 0);
  const auto x = parsed{bytes};
  BOOST_TEST(x.understood == bytes.size());
  BOOST_REQUIRE(x.records.size() == 4u);
  BOOST_TEST(x.records[0].watch == 1);
  BOOST_TEST(x.records[0].name == "a");
  BOOST_TEST(x.records[0].kinds == hint::created);
  BOOST_TEST(x.records[1].watch == 2);
  BOOST_TEST(x.records[1].name == "b.txt");
  BOOST_TEST(x.records[1].kinds == hint::moved_away);
  BOOST_TEST(x.records[2].self_moved);
  BOOST_TEST(!x.records[2].unwatched);
  BOOST_TEST(x.records[3].unwatched);
}

BOOST_AUTO_TEST_CASE(every_kind_has_its_hint) {
  for (const auto& [mask, kind] : {std::pair<std::uint32_t, int>{IN_MODIFY, hint::written},
         {IN_CLOSE_WRITE, hint::closed}, {IN_ATTRIB, hint::attributes}, {IN_CREATE, hint::created},
         {IN_MOVED_TO, hint::arrived}, {IN_DELETE, hint::vanished},
         {IN_MOVED_FROM, hint::moved_away}, {IN_CREATE | IN_ISDIR, hint::created}})
    BOOST_TEST(parsed{record(1, mask, "x", 16)}.records.at(0).kinds == kind);
}

BOOST_AUTO_TEST_CASE(an_overflow_is_about_no_watch) {
  const auto x = parsed{record(-1, IN_Q_OVERFLOW, "", 0) + record(7, IN_Q_OVERFLOW, "", 0)};
  BOOST_REQUIRE(x.records.size() == 2u);
  BOOST_TEST(x.records[0].watch == -1);
  BOOST_TEST(x.records[1].watch == -1);
}

BOOST_AUTO_TEST_CASE(a_name_that_fills_its_field_has_no_nul_and_ends_there) {
  const auto x =
    parsed{record(1, IN_CREATE, std::string(16, 'n'), 16) + record(1, IN_DELETE, "m", 16)};
  BOOST_REQUIRE(x.records.size() == 2u);
  BOOST_TEST(x.records[0].name == std::string(16, 'n'));
  BOOST_TEST(x.records[1].name == "m");
}

BOOST_AUTO_TEST_CASE(a_cut_off_record_is_not_read) {
  const auto whole = record(1, IN_CREATE, "a", 16);
  const auto both = whole + record(2, IN_DELETE, "b", 32);
  for (auto size = std::size_t{0}; size <= both.size(); ++size) {
    const auto x = parsed{both.substr(0, size)};
    const auto expected = size == both.size() ? 2u : size >= whole.size() ? 1u : 0u;
    BOOST_TEST(x.records.size() == expected);
    BOOST_TEST(x.understood
               == (expected == 2   ? both.size()
                   : expected == 1 ? whole.size()
                                   : std::size_t{0}));
  }
}

BOOST_AUTO_TEST_CASE(a_length_that_lies_is_not_followed) {
  for (auto length : {1u, 17u, 0x7FFF'FFFFu, 0x8000'0000u, 0xFFFF'FFF0u, 0xFFFF'FFFFu}) {
    auto bytes = record(1, IN_CREATE, "a", 16);
    auto liar = record(2, IN_CREATE, "", 0);
    std::memcpy(liar.data() + offsetof(inotify_event, len), &length, sizeof length);
    const auto x = parsed{bytes + liar};
    BOOST_TEST(x.records.size() == 1u);
    BOOST_TEST(x.understood == bytes.size());
  }
}

BOOST_AUTO_TEST_CASE(any_bytes_at_all_are_read_within_their_bounds) {
  auto random = std::mt19937{11};
  for (auto i = 0; i < 100'000; ++i) {
    auto bytes = std::string(random() % 200, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random() % 3 == 0 ? random() : random() % 20);
    const auto x = parsed{bytes};
    BOOST_REQUIRE(x.understood <= bytes.size());
    for (const auto& one : x.records) {
      BOOST_REQUIRE(one.name.data() >= x.block.get());
      BOOST_REQUIRE(one.name.data() + one.name.size() <= x.block.get() + bytes.size());
      BOOST_REQUIRE(one.name.find('\0') == std::string_view::npos);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
