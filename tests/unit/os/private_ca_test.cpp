#include "actors/os/private_ca.hpp"

#include "support/certificates.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace actors;
using namespace actors::test;

BOOST_AUTO_TEST_SUITE(private_ca_tests)

BOOST_AUTO_TEST_CASE(an_authority_can_be_kept_and_signs_again_what_is_taken) {
  auto kept = authority{};
  const auto again = private_ca::load(kept.ca_file(), kept / "ca.key");
  BOOST_REQUIRE_MESSAGE(again, (again ? "" : again.error().text));
  auto terms = certificate_terms{};
  terms.names = {"later", "10.0.0.7", "fe80::1"};
  const auto pair = again->issue(terms);
  BOOST_REQUIRE(pair);
  write_file(kept / "later.pem", pair->certificate);
  write_file(kept / "later.key", pair->key);
  const auto identity =
    tls_identity::load({kept.ca_file(), kept / "later.pem", kept / "later.key"});
  BOOST_REQUIRE_MESSAGE(identity, (identity ? "" : identity.error().text));
  BOOST_TEST(((*identity)->names() == terms.names));
}

BOOST_AUTO_TEST_CASE(a_node_is_not_certified_for_longer_than_its_authority) {
  auto ours = authority{};
  auto terms = certificate_terms{};
  terms.names = {"eternal"};
  terms.end += certificate_terms::authority_lifetime * 2;
  BOOST_TEST(tls_identity::load(ours.issue(terms)).has_value());
}

BOOST_AUTO_TEST_CASE(files_that_are_no_authority_are_refused) {
  auto ours = authority{};
  const auto node = ours.issue("web-1");
  const auto text_of = [](const auto& loaded) { return loaded ? "" : loaded.error().text; };
  BOOST_TEST(text_of(private_ca::load(node.certificate_file, node.key_file))
             == node.certificate_file + ": is no certificate of an authority (basicConstraints)");
  BOOST_TEST(text_of(private_ca::load(ours.ca_file(), node.key_file))
             == node.key_file + ": does not belong to the certificate in " + ours.ca_file());
  BOOST_TEST(
    text_of(private_ca::load(ours / "none", node.key_file)) == ours / "none" + ": does not exist");
}

BOOST_AUTO_TEST_CASE(two_authorities_have_two_names) {
  const auto one = private_ca::make();
  const auto two = private_ca::make();
  BOOST_TEST(one->pem()->certificate != two->pem()->certificate);
  BOOST_TEST(one->pem()->expires.size() == std::string{"2036-11-22T15:31:48Z"}.size());
}

BOOST_AUTO_TEST_CASE(a_name_is_a_dns_name_or_an_address) {
  for (const auto* name : {"web-1", "collector", "a.b.example", "Web_1", "10.0.0.7", "::1", "1a"})
    BOOST_TEST(*certificate_name(name) == name);
  BOOST_TEST(*certificate_name("0:0:0::1") == "::1");
  BOOST_TEST(*certificate_name(std::string(63, 'x')) == std::string(63, 'x'));
  const auto nothing = std::string{};
  for (const auto& name : {nothing, std::string{"."}, std::string{".."}, std::string{"a/b"},
         std::string{"/"}, std::string{"-x"}, std::string{"x-"}, std::string{"*.example"},
         std::string{"a b"}, std::string{"a."}, std::string{".a"}, std::string{"a..b"},
         std::string{"a\nb"}, std::string{"a,b"}, std::string{"a:b"}, std::string{"1.2.3"},
         std::string{"1.2.3.400"}, std::string{"127"}, std::string{"\xC3\xA4"},
         std::string{"a\0b", 3}, std::string(64, 'x'), std::string(300, 'x')}) {
    const auto made = certificate_name(name);
    BOOST_TEST_CONTEXT(name) {
      BOOST_REQUIRE(!made);
      BOOST_TEST((made.error().code == errc::invalid_argument));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_is_long_is_certified_all_the_same) {
  auto ours = authority{};
  auto name = std::string(63, 'a') + "." + std::string(63, 'b') + ".example";
  const auto identity = tls_identity::load(ours.issue(name));
  BOOST_REQUIRE(identity);
  BOOST_TEST(((*identity)->names() == std::vector<std::string>{name}));
}

BOOST_AUTO_TEST_SUITE_END()
