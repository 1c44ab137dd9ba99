#include "actors/os/token.hpp"

#include "support/files.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace actors::test;

BOOST_AUTO_TEST_SUITE(token_tests)

BOOST_AUTO_TEST_CASE(a_token_is_the_first_line_of_its_file) {
  const auto where = temporary_directory{};
  for (const auto* text : {"s3cret", "s3cret\n", " s3cret \r\nmore"}) {
    write_file(where / "t", text);
    BOOST_TEST(read_token(where / "t").value_or("") == "s3cret");
  }
  for (const auto* text : {"", "\n", "  \n", "two words\n", "\xC3\xA9\n"}) {
    write_file(where / "t", text);
    BOOST_TEST(!read_token(where / "t"));
  }
  write_file(where / "t", std::string(9000, 'x'));
  BOOST_TEST(!read_token(where / "t"));
  BOOST_TEST(!read_token(where / "none"));
}

BOOST_AUTO_TEST_CASE(only_the_same_is_the_same) {
  BOOST_TEST(is_same_token("abc", "abc"));
  for (const auto* given : {"", "ab", "abd", "abcabc", "abca", "abcd", "xbc"})
    BOOST_TEST(!is_same_token(given, "abc"), given);
  BOOST_TEST(!is_same_token("", ""));
}

BOOST_AUTO_TEST_SUITE_END()
