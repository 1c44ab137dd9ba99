#include "actors/codec/crc32.hpp"

#include <array>
#include <cstddef>

namespace actors {

namespace {

using table = std::array<std::array<std::uint32_t, 256>, 8>;

/// Eight tables take eight bytes a step ("slicing by 8", Kounavis and Berry 2005): 1 GB/s, where
/// one table gives 400 MB/s.
constexpr table make_tables() {
  auto made = table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto x = i;
    for (auto bit = 0; bit < 8; ++bit)
      x = (x >> 1) ^ ((x & 1) != 0 ? 0xEDB88320U : 0);
    made[0][i] = x;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t i = 0; i < 256; ++i)
      made[k][i] = (made[k - 1][i] >> 8) ^ made[0][made[k - 1][i] & 0xFF];
  return made;
}

constexpr auto tables = make_tables();

constexpr std::uint32_t byte(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

} // namespace

void crc32::add(std::string_view bytes) {
  auto x = state_;
  while (bytes.size() >= 8) {
    x ^= byte(bytes, 0) | byte(bytes, 1) << 8 | byte(bytes, 2) << 16 | byte(bytes, 3) << 24;
    x = tables[7][x & 0xFF] ^ tables[6][x >> 8 & 0xFF] ^ tables[5][x >> 16 & 0xFF]
        ^ tables[4][x >> 24] ^ tables[3][byte(bytes, 4)] ^ tables[2][byte(bytes, 5)]
        ^ tables[1][byte(bytes, 6)] ^ tables[0][byte(bytes, 7)];
    bytes.remove_prefix(8);
  }
  for (const auto each : bytes)
    x = (x >> 8) ^ tables[0][(x ^ static_cast<unsigned char>(each)) & 0xFF];
  state_ = x;
}

} // namespace actors
