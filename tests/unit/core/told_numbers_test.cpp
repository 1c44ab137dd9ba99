#include "actors/core/told_numbers.hpp"

#include "actors/core/batch_builder.hpp"
#include "actors/core/record_root.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;

namespace told_numbers_tests {

event_batch batch_of(std::uint64_t first, std::size_t count, const char* stream = nullptr) {
  auto builder = batch_builder{};
  for (std::size_t i = 0; i < count; ++i)
    builder.add({.path = "/x"});
  auto batch = builder.finish().numbered(first);
  if (stream == nullptr)
    return batch;
  return batch.from(std::make_shared<const batch_origin>(batch_origin{"n", "p", stream, {}}));
}

} // namespace told_numbers_tests

BOOST_AUTO_TEST_SUITE(told_numbers_tests)

BOOST_AUTO_TEST_CASE(a_batch_that_is_offered_again_was_told_as_far_as_it_was) {
  auto told = told_numbers{};
  told.begin(batch_of(1, 4));
  BOOST_TEST(!told.has(1));
  told.note(2);
  told.begin(batch_of(1, 4));
  BOOST_TEST(told.has(2));
  BOOST_TEST(!told.has(3));
  told.begin(batch_of(2, 1)); // in parts, after more crashes
  BOOST_TEST(told.has(2));
  told.begin(batch_of(3, 1));
  BOOST_TEST(!told.has(3));
}

BOOST_AUTO_TEST_CASE(lower_numbers_of_another_stream_were_not_told) {
  auto told = told_numbers{};
  told.begin(batch_of(1, 4, "a"));
  told.note(4);
  told.begin(batch_of(1, 4, "b"));
  BOOST_TEST(!told.has(1));
  told.note(4);
  told.begin(batch_of(3, 2, "b"));
  BOOST_TEST(told.has(3));
}

BOOST_AUTO_TEST_CASE(numbers_that_come_late_were_not_told) {
  auto told = told_numbers{};
  told.begin(batch_of(11, 4, "a"));
  told.note(14);
  told.begin(batch_of(1, 4, "a"));
  BOOST_TEST(!told.has(1));
}

BOOST_AUTO_TEST_CASE(a_record_without_a_number_was_never_told) {
  auto told = told_numbers{};
  told.begin(batch_of(0, 4));
  BOOST_TEST(!told.has(0));
  told.note(0);
  BOOST_TEST(!told.has(0));
}

BOOST_AUTO_TEST_CASE(the_root_of_a_record_is_the_longest_it_is_in) {
  const auto roots = std::vector<std::string>{"/srv", "/srv/src", "/srv/srcs/", "/"};
  BOOST_TEST(root_of("/srv/src/x", roots) == "/srv/src");
  BOOST_TEST(root_of("/srv/src", roots) == "/srv/src");
  BOOST_TEST(root_of("/srv/src2", roots) == "/srv");
  BOOST_TEST(root_of("/srv/srcs/x", roots) == "/srv/srcs/");
  BOOST_TEST(root_of("/etc", roots) == "/");
  BOOST_TEST(root_of("/etc", {"/srv", ""}) == "");
  BOOST_TEST(root_of(event{.type = event_type::ready, .path = "/new"}, roots) == "/new");
  BOOST_TEST(root_of(event{.type = event_type::mount, .path = "/srv/m"}, roots) == "/srv");
}

BOOST_AUTO_TEST_SUITE_END()
