#include "actors/core/ignore_rules.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>

using namespace actors;

BOOST_TEST_DONT_PRINT_LOG_VALUE(ignore_rules::verdict)

namespace ignore_rules_tests {

using verdict = ignore_rules::verdict;

/// No rules yet.
struct fixture {
  ignore_rules rules;

  verdict of(std::string_view path, file_type type = file_type::file) const {
    return rules.judge(path, type);
  }
};

} // namespace ignore_rules_tests

BOOST_FIXTURE_TEST_SUITE(ignore_rules_tests, fixture)

BOOST_AUTO_TEST_CASE(without_rules_nothing_is_said) {
  BOOST_TEST(rules.empty());
  BOOST_TEST(of("a") == verdict::none);
}

BOOST_AUTO_TEST_CASE(the_last_pattern_that_matches_has_the_word) {
  rules.add("*.o");
  rules.add("!keep.o");
  BOOST_TEST(of("a.o") == verdict::ignored);
  BOOST_TEST(of("keep.o") == verdict::kept);
  BOOST_TEST(of("a.c") == verdict::none);
  rules.add("keep.*");
  BOOST_TEST(of("keep.o") == verdict::ignored);
}

BOOST_AUTO_TEST_CASE(the_example_of_everything_but_one_directory) { // gitignore(5)
  rules.add_text("# exclude everything except directory foo/bar\n"
                 "/*\n!/foo\n/foo/*\n!/foo/bar\n");
  BOOST_TEST(rules.size() == 4u);
  BOOST_TEST(of("x", file_type::directory) == verdict::ignored);
  BOOST_TEST(of("foo", file_type::directory) == verdict::kept);
  BOOST_TEST(of("foo/x") == verdict::ignored);
  BOOST_TEST(of("foo/bar", file_type::directory) == verdict::kept);
  BOOST_TEST(of("foo/bar/x") == verdict::none);
}

BOOST_AUTO_TEST_CASE(a_text_may_begin_with_a_byte_order_mark_and_end_without_a_newline) {
  rules.add_text("\xEF\xBB\xBF"
                 "a\r\n\r\n\n#b\nc");
  BOOST_TEST(rules.size() == 2u);
  BOOST_TEST(of("a") == verdict::ignored);
  BOOST_TEST(of("c") == verdict::ignored);
}

BOOST_AUTO_TEST_CASE(what_can_match_nothing_takes_no_room) {
  rules = ignore_rules{{.patterns_max = 1}};
  rules.add_text("[\na\\\n[[:nope:]]\na\n");
  BOOST_TEST(of("a") == verdict::ignored);
  BOOST_TEST(rules.left_out() == 0u);
}

BOOST_AUTO_TEST_CASE(patterns_beyond_the_limit_are_left_out_and_counted) {
  rules = ignore_rules{{.patterns_max = 2}};
  rules.add_text("a\n# not one\nb\n\nc\nd\n");
  BOOST_TEST(rules.size() == 2u);
  BOOST_TEST(rules.left_out() == 2u);
  BOOST_TEST(of("b") == verdict::ignored);
  BOOST_TEST(of("c") == verdict::none);
}

BOOST_AUTO_TEST_CASE(a_pattern_that_is_too_long_is_left_out_alone) {
  rules = ignore_rules{{.pattern_bytes_max = 3}};
  rules.add_text("abcd\nabc\n*.abc\n");
  BOOST_TEST(rules.left_out() == 2u);
  BOOST_TEST(of("abcd") == verdict::none);
  BOOST_TEST(of("abc") == verdict::ignored);
}

BOOST_AUTO_TEST_CASE(what_holds_is_a_beginning_of_the_list) {
  rules = ignore_rules{{.bytes_max = 4}};
  rules.add_text("abc\nde\nf\n"); // there would be room for the last
  BOOST_TEST(rules.size() == 1u);
  BOOST_TEST(rules.left_out() == 2u);
}

BOOST_AUTO_TEST_CASE(any_bytes_are_rules_and_paths) {
  auto random = std::mt19937_64{5};
  const auto any = [&](std::size_t length) {
    constexpr auto bytes = std::string_view{"a/*[]!\\#? \n\r\t\0\xFF", 15};
    auto text = std::string{};
    for (auto n = length; n > 0; --n)
      text += bytes[random() % bytes.size()];
    return text;
  };
  for (auto i = 0; i < 2'000; ++i) {
    auto some = ignore_rules{};
    some.add_text(any(random() % 60));
    for (auto j = 0; j < 10; ++j)
      some.judge(any(random() % 20), file_type::directory);
    BOOST_TEST(some.left_out() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
