#include "actors/core/file_version.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;

namespace file_version_tests {

constexpr auto file = file_type::file;
constexpr auto directory = file_type::directory;
using difference = change::difference;

file_facts facts(file_type ftype) {
  auto x = file_facts{};
  x.ftype = ftype;
  x.attributes = {.mode = 0644, .owner = 1, .group = 2, .links = 1};
  x.size = 5;
  x.modified = 1'000'000'007;
  x.changed = 1'000'000'008;
  return x;
}

template <class Edit>
difference after(file_type ftype, Edit edit) {
  const auto before = facts(ftype);
  auto now = before;
  edit(now);
  return difference_of_versions(ftype, version_of(before), version_of(now));
}

} // namespace file_version_tests

BOOST_AUTO_TEST_SUITE(file_version_tests)

BOOST_AUTO_TEST_CASE(size_and_time_are_the_content) {
  BOOST_TEST((after(file, [](auto& x) { x.size = 6; }) == difference::content));
  BOOST_TEST((after(file, [](auto& x) { x.modified += 1; }) == difference::content));
}

BOOST_AUTO_TEST_CASE(mode_and_owner_are_attributes) {
  for (const auto ftype : {file, directory}) {
    BOOST_TEST((after(ftype, [](auto& x) { x.attributes.mode = 0600; }) == difference::attributes));
    BOOST_TEST((after(ftype, [](auto& x) { x.attributes.owner = 3; }) == difference::attributes));
    BOOST_TEST((after(ftype, [](auto& x) { x.attributes.group = 3; }) == difference::attributes));
  }
}

BOOST_AUTO_TEST_CASE(what_a_rename_and_a_link_change_makes_no_difference) {
  BOOST_TEST((after(file, [](auto& x) { x.changed += 1; }) == difference::none));
  BOOST_TEST((after(file, [](auto& x) { x.attributes.links = 2; }) == difference::none));
  BOOST_TEST((after(file, [](auto& x) { x.identity = {9}; }) == difference::none));
}

BOOST_AUTO_TEST_CASE(the_times_of_a_directory_make_no_difference) {
  BOOST_TEST((after(directory, [](auto& x) { x.modified += 1; }) == difference::none));
}

BOOST_AUTO_TEST_CASE(both_parts_are_known_of_a_file) {
  BOOST_TEST(content_of_version(version_of(facts(file))) != 0u);
  BOOST_TEST(attributes_of_version(version_of(facts(file))) != 0u);
}

BOOST_AUTO_TEST_CASE(what_is_not_known_may_differ) {
  const auto version = version_of(facts(file));
  BOOST_TEST((difference_of_versions(file, 0, version) == difference::content));
  BOOST_TEST((difference_of_versions(file, version, 0) == difference::content));
  BOOST_TEST((difference_of_versions(file, 0, 0) == difference::content));
  BOOST_TEST((difference_of_versions(directory, 0, 0) == difference::attributes));
}

BOOST_AUTO_TEST_CASE(who_was_not_told_of_a_difference_knows_the_rest) {
  const auto version = version_of_parts(3, 4);
  BOOST_TEST(version_before(version, difference::none) == version);
  BOOST_TEST(version_before(version, difference::attributes) == version_of_parts(3, 0));
  BOOST_TEST(version_before(version, difference::content) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
