#include "actors/core/peer_permission.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;

BOOST_AUTO_TEST_SUITE(peer_permission_tests)

BOOST_AUTO_TEST_CASE(nobody_is_permitted_unless_named) {
  BOOST_TEST(!is_permitted({}, {"web-1"}));
  BOOST_TEST(!is_permitted({"web-1"}, {}));
  BOOST_TEST(!is_permitted({"web-1"}, {"web-10", "web", "eb-1", ""}));
  BOOST_TEST(is_permitted({"db-1", "web-1"}, {"10.0.0.7", "web-1"}));
}

BOOST_AUTO_TEST_CASE(names_are_the_same_in_upper_and_lower_case) {
  BOOST_TEST(is_permitted({"Web-1.Example"}, {"WEB-1.eXample"}));
  BOOST_TEST(!is_permitted({"web[1"}, {"web{1"})); // letters alone
}

BOOST_AUTO_TEST_CASE(a_star_is_everybody_who_was_let_in_and_no_wildcard) {
  BOOST_TEST(is_permitted({"*"}, {"web-1"}));
  BOOST_TEST(is_permitted({"*"}, {}));
  BOOST_TEST(!is_permitted({"*.example"}, {"web-1.example"}));
  BOOST_TEST(!is_permitted({"web-1"}, {"*"})); // in a certificate it is a name like others
}

BOOST_AUTO_TEST_CASE(over_tls_nobody_is_called_loopback) {
  BOOST_TEST(!mistake_in({"web-1", "LoopBack"}, wire_policy::tls).empty());
  BOOST_TEST(mistake_in({"loopback"}, wire_policy::insecure_loopback).empty());
  BOOST_TEST(mistake_in({"web-1", "*"}, wire_policy::tls).empty());
  BOOST_TEST(!mistake_in({""}, wire_policy::tls).empty());
}

BOOST_AUTO_TEST_SUITE_END()
