#pragma once

#include "actors/codec/crc32.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace actors {

// Numbers as few bytes, for what we keep on disk. Little-endian; a varint has seven bits a byte,
// the lowest first, and the eighth says that more follow.

void pack_varint(std::uint64_t x, std::string& out);
void pack_fixed32(std::uint32_t x, std::string& out);
void pack_fixed64(std::uint64_t x, std::string& out);

/// With its length before it.
void pack_text(std::string_view text, std::string& out);

/// Small numbers of either sign become small ones without.
constexpr std::uint64_t zigzag(std::int64_t x) {
  return (static_cast<std::uint64_t>(x) << 1) ^ static_cast<std::uint64_t>(x >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t x) {
  return static_cast<std::int64_t>((x >> 1) ^ (~(x & 1) + 1));
}

/// Gives the next bytes of a file, valid until the next call; none at its end.
using byte_supply = std::function<std::string_view()>;

/// Takes packed bytes apart, whatever they are. What is not there, or makes no sense, is nothing;
/// then nothing after it can be read.
class unpacker {
public:
  explicit unpacker(byte_supply more) : more_{std::move(more)} {}

  std::optional<std::uint8_t> byte();
  std::optional<std::uint64_t> varint();
  std::optional<std::uint64_t> varint_to(std::uint64_t max);
  std::optional<std::uint32_t> fixed32();
  std::optional<std::uint64_t> fixed64();

  /// Valid until the next call. At most `size_max` bytes.
  std::optional<std::string_view> text(std::size_t size_max);
  std::optional<std::string_view> bytes(std::size_t size);

  bool is_at_end() { return rest_.empty() && !refill(); }

  /// Of all that was read since the last `begin_sum`.
  void begin_sum() { sum_ = {}; }
  std::uint32_t sum() const { return sum_.value(); }

private:
  bool refill();
  template <class Number>
  std::optional<Number> fixed();

  byte_supply more_;
  std::string_view rest_;
  std::string joined_; ///< of bytes that came in pieces
  crc32 sum_;
  bool ended_ = false;
};

} // namespace actors
