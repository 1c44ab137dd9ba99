#pragma once

#include <cstdint>
#include <string_view>

namespace actors {

/// The CRC of RFC 1952 (gzip, zlib), of bytes that come piece by piece.
class crc32 {
public:
  void add(std::string_view bytes);
  std::uint32_t value() const { return ~state_; }

private:
  std::uint32_t state_ = ~std::uint32_t{0};
};

} // namespace actors
