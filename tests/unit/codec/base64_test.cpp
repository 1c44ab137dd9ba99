#include "actors/codec/base64.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;

namespace base64_tests {

std::string base64(std::string_view bytes) {
  auto out = std::string{};
  append_base64(bytes, out);
  return out;
}

} // namespace base64_tests

BOOST_AUTO_TEST_SUITE(base64_tests)

BOOST_AUTO_TEST_CASE(base64_is_that_of_rfc_4648) {
  BOOST_TEST(base64("") == "");
  BOOST_TEST(base64("f") == "Zg==");
  BOOST_TEST(base64("fo") == "Zm8=");
  BOOST_TEST(base64("foo") == "Zm9v");
  BOOST_TEST(base64("foob") == "Zm9vYg==");
  BOOST_TEST(base64("fooba") == "Zm9vYmE=");
  BOOST_TEST(base64("foobar") == "Zm9vYmFy");
  BOOST_TEST(base64("\xFB\xFF\xFE") == "+//+");
}

BOOST_AUTO_TEST_SUITE_END()
