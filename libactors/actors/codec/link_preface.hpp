#pragma once

#include "actors/protocol/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace actors {

/// Versions of what nodes say to each other, both ends included.
struct protocol_range {
  std::uint16_t min = 1;
  std::uint16_t max = 1;

  friend bool operator==(const protocol_range&, const protocol_range&) = default;
};

/// What this program speaks. Any change of a frame, however small, is a new version.
inline constexpr auto own_protocol = protocol_range{.min = 1, .max = 1};

/// The first bytes on a connection, of both ends (inside TLS, where there is TLS):
///
///     "ACTORS\r\n"                           magic: a line end shows what translates them
///     min max                                protocol versions, 16 bits each, little-endian
///     zero                                   32 bits
inline constexpr std::size_t preface_size = 16;

std::string write_preface(protocol_range range = own_protocol);

/// What the other end speaks, of its first `preface_size` bytes. Fewer may be given when no more
/// came: that is an error, which says what came instead. Errors: invalid_argument (it speaks HTTP,
/// TLS, something else, or nothing), not_supported (no version that both speak).
result<protocol_range> read_preface(std::string_view bytes, protocol_range ours = own_protocol);

/// The newest version both speak; not_supported when there is none.
result<std::uint16_t> common_protocol(protocol_range theirs, protocol_range ours = own_protocol);

} // namespace actors
