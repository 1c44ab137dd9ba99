#include "actors/core/change_kinds.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <variant>

using namespace actors;

namespace change_kinds_tests {

change_kinds read(std::string_view list) {
  const auto kinds = change_kinds::parse(list);
  BOOST_REQUIRE_MESSAGE(std::holds_alternative<change_kinds>(kinds), list);
  return std::get<change_kinds>(kinds);
}

std::string complaint(std::string_view list) {
  const auto kinds = change_kinds::parse(list);
  return std::holds_alternative<std::string>(kinds) ? std::get<std::string>(kinds) : "";
}

} // namespace change_kinds_tests

BOOST_AUTO_TEST_SUITE(change_kinds_tests)

BOOST_AUTO_TEST_CASE(the_names_are_those_of_the_stream) {
  for (const auto change : change_types) {
    const auto kinds = read(name_of(change));
    for (const auto other : change_types)
      BOOST_TEST(kinds.holds(other) == (other == change), name_of(other));
  }
}

BOOST_AUTO_TEST_CASE(a_list_is_read_in_any_order_and_a_name_may_come_twice) {
  BOOST_TEST((read("delete,create") == read("create,delete,create")));
  BOOST_TEST((read("attrib,rename,delete,modify,create") == change_kinds::all()));
}

BOOST_AUTO_TEST_CASE(no_set_holds_a_marker) {
  for (auto type = static_cast<int>(event_type::ready); type <= static_cast<int>(event_type::error);
       ++type)
    BOOST_TEST(!change_kinds::all().holds(static_cast<event_type>(type)));
}

BOOST_AUTO_TEST_CASE(a_new_set_is_empty) {
  BOOST_TEST(change_kinds{}.empty());
  BOOST_TEST(!change_kinds::all().empty());
  BOOST_TEST(!change_kinds{}.holds(event_type::create));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_and_so_is_what_is_known) {
  BOOST_TEST(
    complaint("create,remove,nope")
    == "unknown kind of change 'remove'; known are create, modify, delete, rename, attrib");
  BOOST_TEST(complaint("create,")
             == "a kind of change is missing; known are create, modify, delete, rename, attrib");
}

BOOST_AUTO_TEST_CASE(nothing_but_the_five_names_is_read) {
  for (auto list : {"", ",", ",create", "create,,delete", "Create", "create ", " create",
         "create;delete", "all", "ready", "overflow", "error", "unknown", "creat", "creates"})
    BOOST_TEST(!complaint(list).empty(), list);
}

BOOST_AUTO_TEST_SUITE_END()
