#include "actors/core/ignore_pattern.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <string_view>

using namespace actors;

namespace ignore_pattern_tests {

/// A line, and a path it says something of; a path that ends in a slash is a directory.
struct example {
  std::string_view line;
  std::string_view path;

  friend std::ostream& operator<<(std::ostream& out, const example& what) {
    return out << '"' << what.line << "\" on \"" << what.path << '"';
  }
};

bool holds(const example& what) {
  const auto pattern = ignore_pattern::parse(what.line);
  const auto is_directory = what.path.ends_with('/');
  const auto path = what.path.substr(0, what.path.size() - (is_directory ? 1 : 0));
  return pattern && pattern->matches(path, is_directory ? file_type::directory : file_type::file);
}

// From gitignore(5), "Pattern format" and "Examples", one paragraph after the other.
const auto matching = {
  example{"hello.*", "hello.txt"},
  example{"hello.*", "a/hello.java"},
  example{"foo", "foo"},
  example{"foo", "a/b/foo/"},
  example{"/hello.*", "hello.c"},
  example{"doc/frotz", "doc/frotz"},
  example{"/doc/frotz", "doc/frotz/"},
  example{"foo/", "foo/"},
  example{"frotz/", "a/frotz/"},
  example{"doc/frotz/", "doc/frotz/"},
  example{"foo/*", "foo/test.json"},
  example{"foo/*", "foo/bar/"},
  // Spaces, quotes, comments.
  example{"a ", "a"},
  example{"a  ", "a"},
  example{"a\\ ", "a "},
  example{"a\\  ", "a "},
  example{"a b", "a b"},
  example{" a", " a"},
  example{"a\t", "a\t"},
  example{"\\#a", "#a"},
  example{"\\!a", "!a"},
  example{"a#", "a#"},
  example{"a\r", "a"},
  example{"a/ \r", "a/"},
  example{"\\a", "a"},
  example{"\\*", "*"},
  example{"\\\\", "\\"},
  example{"a\\?", "a?"},
  // One star, one mark.
  example{"*", "a"},
  example{"*", "a/.b"},
  example{"*.o", "a.o"},
  example{"*.o", "d/.o"},
  example{"a*b", "ab"},
  example{"a*b", "axxb"},
  example{"a?b", "d/a.b"},
  example{"/*", "a"},
  example{"*/b", "a/b"},
  example{"a/*/c", "a/b/c"},
  example{"?", "\xFF"},
  // Sets.
  example{"[a-c]", "b"},
  example{"[!a]", "b"},
  example{"[^a]", "b"},
  example{"[]a]", "]"},
  example{"[a-]", "-"},
  example{"[\\]]", "]"},
  example{"[[]", "["},
  example{"[[:digit:]x]", "7"},
  example{"[[:digit:]x]", "x"},
  example{"[[:a]", ":"},
  example{"[!]]", "a"},
  example{"[\x80-\xFF]", "\xC3"},
  example{"[a-c-e]", "-"},
  example{"[[:alpha:]-z]", "-"},
  // Two stars.
  example{"**/foo", "foo"},
  example{"**/foo", "a/b/foo"},
  example{"**/foo/bar", "a/foo/bar"},
  example{"abc/**", "abc/x"},
  example{"abc/**", "abc/x/y"},
  example{"a/**/b", "a/b"},
  example{"a/**/b", "a/x/b"},
  example{"a/**/b", "a/x/y/b"},
  example{"**", "a/b"},
  example{"a**", "d/abc"},
  example{"a/***/b", "a/x/y/b"},
  example{"**/*.o", "a/b/c.o"},
  example{"/**", "a/b"},
  // Where git is odd: the stars come to stand first when what is literal has been taken off.
  example{"a**/b", "ab"},
  example{"a**/b", "ax/y/b"},
  example{"/a**", "ax/y"},
};

const auto not_matching = {
  example{"/hello.*", "a/hello.java"},
  example{"doc/frotz", "a/doc/frotz"},
  example{"foo/", "foo"},
  example{"foo/*", "foo/bar/hello.c"},
  example{"foo", "foobar"},
  example{"foo", "xfoo"},
  example{"foo", "foo/bar"},
  example{"a/b", "a/b/c"},
  example{"a/b", "a"},
  example{"A", "a"},
  example{"a\\ ", "a"},
  example{"a", "a "},
  example{"a\r\r", "a"},
  example{"\\*", "a"},
  example{"a*b", "a/b"},
  example{"/*", "a/b"},
  example{"a?b", "a/b"},
  example{"*/b", "b"},
  example{"*/b", "a/a/b"},
  example{"a/*/c", "a/c"},
  example{"a/*", "a/"},
  example{"*.o", "a.o.c"},
  example{"*.o", "a.o/b"},
  example{"?", ""},
  example{"?", "\xC3\xA4"},
  example{"*", ""},
  example{"[a-c]", "d"},
  example{"[!a]", "a"},
  example{"a[/]b", "a/b"},
  example{"a[!x]b", "a/b"},
  example{"[[:digit:]]", "a"},
  example{"[[:space:]]", "\f"},
  example{"[[:alpha:]]", "\xC3"},
  example{"[[:a]", "a "},
  example{"[z-a]", "m"},
  example{"[a-c-e]", "d"},
  example{"abc/**", "abc/"},
  example{"a/**/b", "ab"},
  example{"a/**b", "a/x/b"},
  example{"**/foo", "xfoo"},
  example{"x*a**/b", "xab"},
  example{"a/**\\/b", "a/b"},
  example{"a//b", "a/b"},
  example{"foo//", "foo/"},
  // What git can make no sense of.
  example{"[", "["},
  example{"[a", "[a"},
  example{"a[", "a["},
  example{"[a", "a"},
  example{"[]", "[]"},
  example{"[[:nope:]]", "a"},
  example{"[[::]]", ":"},
  example{"[[:alpha:]", "a"},
  example{"a\\", "a\\"},
  example{"a\\", "a"},
  example{"a\\/", "a/"},
  example{"[a-\\", "a"},
};

constexpr auto a_nul = std::string_view{"a\0b", 3};

} // namespace ignore_pattern_tests

BOOST_AUTO_TEST_SUITE(ignore_pattern_tests)

BOOST_DATA_TEST_CASE(it_matches, boost::unit_test::data::make(matching)) {
  BOOST_TEST(holds(sample));
}

BOOST_DATA_TEST_CASE(it_does_not_match, boost::unit_test::data::make(not_matching)) {
  BOOST_TEST(!holds(sample));
}

BOOST_AUTO_TEST_CASE(a_line_that_says_nothing_is_nothing) {
  for (auto line : {"", " ", "   ", "\r", " \r", "#", "# a", "#!a", "!", "/", "//", "!/", "! "})
    BOOST_TEST(!ignore_pattern::parse(line).has_value(), line);
}

BOOST_AUTO_TEST_CASE(a_mark_of_exclamation_turns_a_pattern_around_once) {
  BOOST_TEST(ignore_pattern::parse("!a")->is_negated());
  BOOST_TEST(ignore_pattern::parse("!a")->matches("a", file_type::file));
  BOOST_TEST(ignore_pattern::parse("!!a")->matches("!a", file_type::file));
  BOOST_TEST(ignore_pattern::parse("!#a")->matches("#a", file_type::file));
  BOOST_TEST(!ignore_pattern::parse("\\!a")->is_negated());
  BOOST_TEST(!ignore_pattern::parse("a!")->is_negated());
}

BOOST_AUTO_TEST_CASE(only_a_directory_is_one) {
  const auto pattern = *ignore_pattern::parse("a/");
  for (auto type : {file_type::unknown, file_type::file, file_type::link, file_type::other})
    BOOST_TEST(!pattern.matches("a", type));
  BOOST_TEST(pattern.matches("a", file_type::directory));
}

BOOST_AUTO_TEST_CASE(a_nul_ends_a_line_as_in_git) {
  BOOST_TEST(ignore_pattern::parse(a_nul)->matches("a", file_type::file));
  BOOST_TEST(!ignore_pattern::parse(a_nul.substr(1)).has_value());
}

BOOST_AUTO_TEST_CASE(what_can_match_nothing_says_so) {
  for (auto line : {"[", "a[", "*[", "[[:nope:]]", "[a-", "a\\", "!a\\/", "/a/**/[]"})
    BOOST_TEST(ignore_pattern::parse(line)->is_malformed(), line);
  for (auto line : {"]", "[]]", "a\\\\", "[[:alpha:]]", "[[:]"})
    BOOST_TEST(!ignore_pattern::parse(line)->is_malformed(), line);
}

BOOST_AUTO_TEST_SUITE_END()
