#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace actors {

/// Packs (`packed_bytes.hpp`) into one block, for what is packed by the million: room is made for
/// a whole record, and then nothing asks for it byte by byte. A third of the time.
class packed_writer {
public:
  explicit packed_writer(std::size_t size_guess) : out_(size_guess, '\0'), at_{out_.data()} {}

  /// Whatever is written next must fit into the room made for it.
  void make_room(std::size_t bytes) {
    if (static_cast<std::size_t>(end() - at_) < bytes)
      grow(bytes);
  }

  void byte(std::uint8_t x) {
    assert(at_ < end());
    *at_++ = static_cast<char>(x);
  }

  static constexpr std::size_t varint_max = 10; ///< bytes
  void varint(std::uint64_t x) {
    for (; x >= 0x80; x >>= 7)
      byte(static_cast<std::uint8_t>(x | 0x80));
    byte(static_cast<std::uint8_t>(x));
  }

  void fixed32(std::uint32_t x) { fixed(x); }
  void fixed64(std::uint64_t x) { fixed(x); }

  void text(std::string_view x) {
    varint(x.size());
    assert(static_cast<std::size_t>(end() - at_) >= x.size());
    std::copy(x.begin(), x.end(), at_);
    at_ += x.size();
  }

  std::string_view written() const { return {out_.data(), size()}; }

  std::string finish() {
    out_.resize(size());
    return std::move(out_);
  }

private:
  char* end() { return out_.data() + out_.size(); }
  std::size_t size() const { return static_cast<std::size_t>(at_ - out_.data()); }

  void grow(std::size_t bytes) {
    const auto before = size();
    out_.resize(std::max(before + bytes, out_.size() * 2));
    at_ = out_.data() + before;
  }

  template <class Number>
  void fixed(Number x) {
    if constexpr (std::endian::native == std::endian::little) {
      assert(static_cast<std::size_t>(end() - at_) >= sizeof x);
      std::memcpy(at_, &x, sizeof x);
      at_ += sizeof x;
    } else {
      for (std::size_t i = 0; i < sizeof x; ++i)
        byte(static_cast<std::uint8_t>(x >> (8 * i)));
    }
  }

  std::string out_; ///< longer than what is written
  char* at_;
};

} // namespace actors
