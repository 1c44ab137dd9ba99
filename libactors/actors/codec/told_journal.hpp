#pragma once

#include "actors/codec/packed_bytes.hpp"
#include "actors/core/event_batch.hpp"
#include "actors/protocol/error.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace actors {

/// Which paths a reader may have heard of: one frame for each batch that it may have been given.
///
///     length            varint, of the body
///     body              entries: what (byte), file type (byte), path (text)
///     CRC32             fixed 32, of the body
struct told_path {
  enum class what : std::uint8_t {
    changed,  ///< that something about the path is different
    placed,   ///< that it came, went, or became another's
    forgotten ///< that the reader is to forget all it knows
  };
  what of = what::changed;
  file_type ftype = file_type::unknown;
  std::string_view path;
};

/// Appends the frame of the batch; nothing when there is nothing to note.
void append_told(const event_batch& batch, std::string& out);

/// Appends a frame of one path.
void append_told(const told_path& what, std::string& out);

/// Calls `visit` for each path of each whole frame. A frame that is cut off at the end was never
/// given to a reader. False when the bytes are damaged.
bool read_told(byte_supply bytes, const std::function<void(const told_path&)>& visit);

} // namespace actors
