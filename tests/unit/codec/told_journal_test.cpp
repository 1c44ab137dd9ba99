#include "actors/codec/told_journal.hpp"

#include "actors/core/batch_builder.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace actors;

namespace told_journal_tests {

using texts = std::vector<std::string>;

event_batch batch_of_all() {
  auto builder = batch_builder{};
  const auto add = [&](event_type type, std::string_view path, std::string_view from = {}) {
    builder.add({.type = type, .ftype = file_type::file, .path = path, .from = from});
  };
  add(event_type::ready, "/r");
  add(event_type::create, "/r/c");
  add(event_type::modify, "/r/m");
  add(event_type::attrib, "/r/a");
  add(event_type::remove, "/r/d");
  add(event_type::rename, "/r/to", "/r/from");
  add(event_type::overflow, "/r");
  builder.add({.type = event_type::overflow, .baseline = true, .path = "/r"});
  return builder.finish();
}

std::string journal_of(const event_batch& batch) {
  auto bytes = std::string{};
  append_told(batch, bytes);
  return bytes;
}

struct reading {
  bool sound = false;
  texts paths;
};

reading read(std::string bytes) {
  auto found = reading{};
  found.sound = read_told(
    [bytes]() mutable {
      static thread_local std::string given;
      given = bytes.substr(0, 5);
      bytes.erase(0, 5);
      return std::string_view{given};
    },
    [&](const told_path& x) {
      constexpr auto* names = "cpf";
      found.paths.push_back(names[static_cast<int>(x.of)] + (" " + std::string{x.path}));
    });
  return found;
}

const auto all = texts{"p /r/c", "c /r/m", "c /r/a", "p /r/d", "p /r/from", "p /r/to", "f /r"};

} // namespace told_journal_tests

BOOST_AUTO_TEST_SUITE(told_journal_tests)

BOOST_AUTO_TEST_CASE(every_path_that_a_reader_may_hear_of_comes_back) {
  const auto found = read(journal_of(batch_of_all()));
  BOOST_TEST(found.sound);
  BOOST_TEST(found.paths == all, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(markers_leave_nothing_to_note) {
  auto builder = batch_builder{};
  builder.add({.type = event_type::ready, .path = "/r"});
  BOOST_TEST(journal_of(builder.finish()).empty());
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_cut_off_was_never_told) {
  const auto whole = journal_of(batch_of_all());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto found = read(whole + whole.substr(0, size));
    BOOST_TEST(found.sound);
    BOOST_TEST(found.paths.size() == all.size());
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_frame_is_noticed_or_looks_cut_off) {
  const auto whole = journal_of(batch_of_all());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const auto found = read(bad + whole);
    BOOST_TEST((!found.sound || found.paths.size() < 2 * all.size()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
