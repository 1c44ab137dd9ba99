#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace actors {

/// Takes packed bytes (`packed_bytes.hpp`) apart that are all there, whatever they are; what an
/// `unpacker` does for bytes that come in pieces, at a fifth of the time.
///
/// What is not there, or makes no sense, is 0 or empty, and so is everything after it: a reader may
/// ask once, at the end, whether all of it was good.
class packed_view {
public:
  explicit packed_view(std::string_view bytes)
    : at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

  std::uint8_t byte() {
    if (at_ == end_)
      return fail(), std::uint8_t{0};
    return static_cast<std::uint8_t>(*at_++);
  }

  std::uint64_t varint() {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) // most are that small
      return static_cast<std::uint8_t>(*at_++);
    return long_varint();
  }

  std::uint64_t varint_to(std::uint64_t max) {
    const auto x = varint();
    return x <= max ? x : (fail(), 0);
  }

  std::uint16_t fixed16() { return fixed<std::uint16_t>(); }
  std::uint32_t fixed32() { return fixed<std::uint32_t>(); }
  std::uint64_t fixed64() { return fixed<std::uint64_t>(); }

  /// A view of the bytes given. At most `size_max` long.
  std::string_view text(std::size_t size_max) {
    return bytes(static_cast<std::size_t>(varint_to(size_max)));
  }
  std::string_view bytes(std::size_t size) {
    if (size > left())
      return fail(), std::string_view{};
    const auto found = std::string_view{at_, size};
    at_ += size;
    return found;
  }

  /// All that is left.
  std::string_view rest() { return bytes(left()); }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  bool has_failed() const { return has_failed_; }
  bool is_at_end() const { return at_ == end_ && !has_failed_; }

private:
  void fail() {
    has_failed_ = true;
    at_ = end_;
  }

  std::uint64_t long_varint() {
    auto x = std::uint64_t{0};
    for (auto shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto next = static_cast<std::uint8_t>(*at_++);
      if (shift == 63 && next > 1)
        break;
      x |= std::uint64_t{next & 0x7FU} << shift;
      if (next < 0x80)
        return x;
    }
    return fail(), 0;
  }

  template <class Number>
  Number fixed() {
    if (left() < sizeof(Number))
      return fail(), Number{0};
    auto x = Number{0};
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&x, at_, sizeof x);
    } else {
      for (std::size_t i = 0; i < sizeof x; ++i)
        x |= static_cast<Number>(Number{static_cast<unsigned char>(at_[i])} << (8 * i));
    }
    at_ += sizeof x;
    return x;
  }

  const char* at_;
  const char* end_;
  bool has_failed_ = false;
};

} // namespace actors
