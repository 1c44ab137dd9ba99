#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/protocol/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace actors {

// clang-format off
/// A batch as bytes, for a store or a wire:
///
///     version               one byte
///     first_seq count       varints
///     records, one after the other:
///       type, ftype         bytes
///       flags               byte: replaced, initial, baseline, has lost, is marker
///       path from           texts
///       time                zigzag: nanoseconds after the record before
///       of a change:
///         size              varint
///         identity version  fixed 64s
///         lost              identity and version, when there is one
///       of a marker:
///         text, numbers     text and varints
///     CRC32                 fixed 32, of all before it
///
/// All fields of the records and the number of the first; not the marks, which speak of the
/// sources of one process.
// clang-format on
std::string write_batch_blob(const event_batch& batch);

/// What a reader takes: the bounds of the blob and of what it may grow to.
struct batch_blob_limits {
  /// A batch is bounded by a mailbox's `bytes_max`; this is far above any.
  std::size_t bytes_max = 256 * 1024 * 1024;
  std::size_t records_max = 4 * 1024 * 1024;
};

/// Whatever the bytes are, a batch comes of it or an error: invalid_argument (they are damaged, or
/// none), not_supported (a newer version), full (past the limits).
result<event_batch> read_batch_blob(std::string_view bytes, const batch_blob_limits& limits = {});

} // namespace actors
