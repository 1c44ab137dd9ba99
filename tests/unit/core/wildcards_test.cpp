#include "actors/core/wildcards.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace actors;

namespace wildcards_tests {

std::string repeated(std::string_view text, std::size_t times) {
  auto all = std::string{};
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

/// Tries every choice, as slow as that is: what the words of gitignore(5) mean.
bool slowly(std::string_view pattern, std::string_view text, bool at_name) {
  if (pattern.empty())
    return text.empty();
  while (pattern.starts_with("***"))
    pattern.remove_prefix(1);
  if (at_name && pattern == "**")
    return true;
  if (at_name && pattern.starts_with("**/")) {
    for (auto at = std::size_t{0}; at != std::string_view::npos;) {
      if (slowly(pattern.substr(3), text.substr(at), true))
        return true;
      const auto slash = text.find('/', at);
      at = slash == std::string_view::npos ? slash : slash + 1;
    }
    return false;
  }
  if (pattern.front() == '*') {
    pattern.remove_prefix(std::min(pattern.find_first_not_of('*'), pattern.size()));
    for (auto at = std::size_t{0}; at <= text.size(); ++at) {
      if (slowly(pattern, text.substr(at), false))
        return true;
      if (at < text.size() && text[at] == '/')
        return false;
    }
    return false;
  }
  if (text.empty()
      || (pattern.front() == '?' ? text.front() == '/' : pattern.front() != text.front()))
    return false;
  return slowly(pattern.substr(1), text.substr(1), text.front() == '/');
}

} // namespace wildcards_tests

BOOST_AUTO_TEST_SUITE(wildcards_tests)

BOOST_AUTO_TEST_CASE(many_stars_that_nearly_match_end_soon) {
  // Each star that tried every place on its own would need more steps than there are atoms.
  const auto text = std::string(4'000, 'a');
  BOOST_TEST(!wildcards_match(repeated("a*", 500) + "b", text));
  BOOST_TEST(!wildcards_match(repeated("*a", 1'000) + "b", text));
  BOOST_TEST(!wildcards_match(repeated("*[ab]?", 500) + "b", text));
  BOOST_TEST(wildcards_match(repeated("a*", 500) + "a", text));
}

BOOST_AUTO_TEST_CASE(many_deep_stars_that_nearly_match_end_soon) {
  const auto text = repeated("a/", 2'000) + "a";
  BOOST_TEST(!wildcards_match(repeated("**/a/", 500) + "b", text));
  BOOST_TEST(!wildcards_match("**/" + repeated("*/", 1'000) + "b", text));
  BOOST_TEST(!wildcards_match(repeated("**/*a*/", 300) + "b", text));
  BOOST_TEST(!wildcards_match(repeated("**/*/", 1'500) + "b", text));
  BOOST_TEST(wildcards_match(repeated("**/a/", 500) + "a", text));
}

BOOST_AUTO_TEST_CASE(a_star_that_comes_later_never_hides_a_match) {
  auto random = std::mt19937_64{7};
  const auto any = [&](std::string_view bytes, std::size_t length_max) {
    auto text = std::string{};
    for (auto n = random() % (length_max + 1); n > 0; --n)
      text += bytes[random() % bytes.size()];
    return text;
  };
  auto matches = 0;
  for (auto i = 0; i < 200'000; ++i) {
    const auto pattern = any("ab?***//", 9);
    const auto text = any("aab/", 8);
    const auto expected = slowly(pattern, text, true);
    matches += expected ? 1 : 0;
    if (wildcards_match(pattern, text) != expected)
      BOOST_ERROR(pattern + " on " + text);
  }
  BOOST_TEST(matches > 10'000);
}

BOOST_AUTO_TEST_CASE(any_bytes_are_a_pattern_and_none_is_read_beyond_its_end) {
  auto random = std::mt19937_64{11};
  constexpr auto bytes = std::string_view{"[]!^-\\:*?/a\xFF[[:alpha:]"};
  for (auto i = 0; i < 100'000; ++i) {
    auto pattern = std::string{};
    for (auto n = random() % 12; n > 0; --n)
      pattern += bytes[random() % bytes.size()];
    // An exact copy on the heap: the address sanitizer sees the first byte too many.
    const auto exact = std::vector<char>(pattern.begin(), pattern.end());
    const auto view = std::string_view{exact.data(), exact.size()};
    const auto matched = wildcards_match(view, "a/a");
    BOOST_TEST((!matched || wildcards_are_whole(view)), pattern);
  }
}

BOOST_AUTO_TEST_CASE(the_literal_ends_where_a_byte_has_a_meaning) {
  BOOST_TEST(literal_length("a/b]!") == 5u);
  for (auto pattern : {"ab*", "ab?", "ab[", "ab\\"})
    BOOST_TEST(literal_length(pattern) == 2u, pattern);
}

BOOST_AUTO_TEST_SUITE_END()
