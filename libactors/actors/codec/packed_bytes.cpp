#include "actors/codec/packed_bytes.hpp"

#include <algorithm>

namespace actors {

namespace {

template <class Number>
void pack_fixed(Number x, std::string& out) {
  for (std::size_t i = 0; i < sizeof x; ++i)
    out.push_back(static_cast<char>(x >> (8 * i) & 0xFF));
}

} // namespace

void pack_varint(std::uint64_t x, std::string& out) {
  for (; x >= 0x80; x >>= 7)
    out.push_back(static_cast<char>(x | 0x80));
  out.push_back(static_cast<char>(x));
}

void pack_fixed32(std::uint32_t x, std::string& out) {
  pack_fixed(x, out);
}

void pack_fixed64(std::uint64_t x, std::string& out) {
  pack_fixed(x, out);
}

void pack_text(std::string_view text, std::string& out) {
  pack_varint(text.size(), out);
  out.append(text);
}

bool unpacker::refill() {
  if (!ended_)
    rest_ = more_();
  ended_ |= rest_.empty();
  return !rest_.empty();
}

std::optional<std::uint8_t> unpacker::byte() {
  if (rest_.empty() && !refill())
    return std::nullopt;
  sum_.add(rest_.substr(0, 1));
  const auto x = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return x;
}

std::optional<std::uint64_t> unpacker::varint() {
  auto x = std::uint64_t{0};
  for (auto shift = 0; shift < 64; shift += 7) {
    const auto next = byte();
    if (!next || (shift == 63 && *next > 1))
      return std::nullopt;
    x |= std::uint64_t{*next & 0x7FU} << shift;
    if (*next < 0x80)
      return x;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> unpacker::varint_to(std::uint64_t max) {
  const auto x = varint();
  return x && *x <= max ? x : std::nullopt;
}

std::optional<std::string_view> unpacker::bytes(std::size_t size) {
  if (size == 0)
    return std::string_view{};
  if (rest_.empty() && !refill())
    return std::nullopt;
  if (rest_.size() >= size) {
    const auto found = rest_.substr(0, size);
    sum_.add(found);
    rest_.remove_prefix(size);
    return found;
  }
  joined_.clear(); // grows with what is there, not with what is claimed
  while (joined_.size() < size) {
    if (rest_.empty() && !refill())
      return std::nullopt;
    const auto part = rest_.substr(0, size - joined_.size());
    joined_.append(part);
    rest_.remove_prefix(part.size());
  }
  sum_.add(joined_);
  return joined_;
}

std::optional<std::string_view> unpacker::text(std::size_t size_max) {
  const auto size = varint_to(size_max);
  return size ? bytes(static_cast<std::size_t>(*size)) : std::nullopt;
}

template <class Number>
std::optional<Number> unpacker::fixed() {
  const auto found = bytes(sizeof(Number));
  if (!found)
    return std::nullopt;
  auto x = Number{0};
  for (std::size_t i = 0; i < sizeof x; ++i)
    x |= static_cast<Number>(Number{static_cast<unsigned char>((*found)[i])} << (8 * i));
  return x;
}

std::optional<std::uint32_t> unpacker::fixed32() {
  return fixed<std::uint32_t>();
}

std::optional<std::uint64_t> unpacker::fixed64() {
  return fixed<std::uint64_t>();
}

} // namespace actors
