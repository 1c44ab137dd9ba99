#include "actors/core/utf8.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <random>

using namespace actors;

namespace utf8_tests {

/// Decodes by the book, RFC 3629, and then asks whether the result may be written so.
std::size_t naive_length(std::string_view text) {
  if (text.empty())
    return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  auto length = std::size_t{0};
  auto value = std::uint32_t{0};
  if ((first & 0x80) == 0x00) {
    length = 1;
    value = first;
  } else if ((first & 0xE0) == 0xC0) {
    length = 2;
    value = first & 0x1F;
  } else if ((first & 0xF0) == 0xE0) {
    length = 3;
    value = first & 0x0F;
  } else if ((first & 0xF8) == 0xF0) {
    length = 4;
    value = first & 0x07;
  } else {
    return 0;
  }
  if (text.size() < length)
    return 0;
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80)
      return 0;
    value = value << 6 | (next & 0x3F);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const auto is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  return value < smallest[length] || is_surrogate || value > 0x10FFFF ? 0 : length;
}

std::string encoded(std::uint32_t value, int length) {
  auto text = std::string(static_cast<std::size_t>(length), '\0');
  for (auto i = text.size(); i-- > 1; value >>= 6)
    text[i] = static_cast<char>(0x80 | (value & 0x3F));
  constexpr unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
  text[0] = static_cast<char>(marks[length] | value);
  return text;
}

} // namespace utf8_tests

BOOST_AUTO_TEST_SUITE(utf8_tests)

BOOST_AUTO_TEST_CASE(every_value_is_a_character_in_its_shortest_form_alone) {
  auto wrong = 0;
  for (auto value = std::uint32_t{0}; value < 0x200000; ++value)
    for (auto length = 1; length <= 4; ++length) {
      if (value >= (length == 1 ? 0x80u : 1u << (length == 2 ? 11 : length == 3 ? 16 : 21)))
        continue; // does not fit
      const auto text = encoded(value, length);
      wrong += utf8_length(text) != naive_length(text);
      wrong += utf8_length(text + "x") != naive_length(text);
    }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(the_boundaries_lie_where_the_rfc_puts_them) {
  for (const auto* good : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
         "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    BOOST_TEST(utf8_length(good) == std::string_view{good}.size());
  for (const auto* bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
         "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF",
         "\xC2", "\xC2x", "\xE2\x82", "\xE2\x82x", "\xF0\x9F\x98", "\xF0\x9F\x98x"})
    BOOST_TEST(utf8_length(bad) == 0u);
  BOOST_TEST(utf8_length("") == 0u);
  BOOST_TEST(utf8_length(std::string_view{"\0", 1}) == 1u);
}

BOOST_AUTO_TEST_CASE(any_two_and_three_bytes_and_many_fours_agree_with_the_naive_decoder) {
  auto wrong = 0;
  for (auto bits = 0u; bits < 1u << 24; bits += bits < 1u << 16 ? 1 : 13) {
    const char bytes[] = {
      static_cast<char>(bits >> 16), static_cast<char>(bits >> 8), static_cast<char>(bits)};
    for (std::size_t size = 1; size <= 3; ++size)
      wrong += utf8_length({bytes, size}) != naive_length({bytes, size});
  }
  auto random = std::mt19937{3};
  for (auto i = 0; i < 1'000'000; ++i) {
    const auto bits = random() | (i % 2 == 0 ? 0x808080F0u : 0u);
    const char bytes[] = {static_cast<char>(bits), static_cast<char>(bits >> 8),
      static_cast<char>(bits >> 16), static_cast<char>(bits >> 24)};
    wrong += utf8_length({bytes, 4}) != naive_length({bytes, 4});
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
