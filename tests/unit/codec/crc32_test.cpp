#include "actors/codec/crc32.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

using namespace actors;

namespace crc32_tests {

std::uint32_t sum_of(std::string_view bytes) {
  auto sum = crc32{};
  sum.add(bytes);
  return sum.value();
}

/// As RFC 1952 has it, bit by bit.
std::uint32_t slow_sum_of(std::string_view bytes) {
  auto x = ~std::uint32_t{0};
  for (const auto each : bytes) {
    x ^= static_cast<unsigned char>(each);
    for (auto bit = 0; bit < 8; ++bit)
      x = (x >> 1) ^ ((x & 1) != 0 ? 0xEDB88320U : 0);
  }
  return ~x;
}

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  auto bytes = std::string(size, '\0');
  for (auto& x : bytes)
    x = static_cast<char>(random());
  return bytes;
}

} // namespace crc32_tests

BOOST_AUTO_TEST_SUITE(crc32_tests)

BOOST_AUTO_TEST_CASE(it_is_the_sum_that_others_compute) {
  BOOST_TEST(sum_of("") == 0U);
  BOOST_TEST(sum_of("123456789") == 0xCBF43926U); // the check value of every table of CRCs
}

BOOST_AUTO_TEST_CASE(it_is_right_for_every_size_and_alignment) {
  auto random = std::mt19937_64{3};
  for (std::size_t size = 0; size < 400; ++size) {
    const auto bytes = random_bytes(random, size + 16);
    const auto part = std::string_view{bytes}.substr(random() % 16, size);
    BOOST_TEST(sum_of(part) == slow_sum_of(part));
  }
  const auto large = random_bytes(random, 100'001);
  BOOST_TEST(sum_of(large) == slow_sum_of(large));
}

BOOST_AUTO_TEST_CASE(pieces_give_the_same_as_the_whole) {
  auto random = std::mt19937_64{4};
  for (auto i = 0; i < 200; ++i) {
    const auto bytes = random_bytes(random, random() % 2'000);
    auto sum = crc32{};
    for (auto rest = std::string_view{bytes}; !rest.empty();) {
      const auto piece = rest.substr(0, 1 + random() % 300);
      sum.add(piece);
      rest.remove_prefix(piece.size());
    }
    BOOST_TEST(sum.value() == slow_sum_of(bytes));
  }
}

BOOST_AUTO_TEST_SUITE_END()
