#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace actors {

/// What becomes of a reader of a socket that does not keep up.
enum class slow_reader : std::uint8_t {
  disconnect,  ///< it is let go when its buffer is full, and may come again
  drop_oldest, ///< it misses what is oldest; the gap in `seq` tells it
  hold,        ///< everybody waits for it
};

/// A socket on which any number of readers get every record as NDJSON, from the moment they come.
struct socket_sink_options {
  /// "unix:/path" (mode 0600) or "HOST:PORT", the host a number. Other than loopback needs a
  /// `token_file`: records name files.
  std::string listen;

  /// At one time; one more is turned away. Bounds memory, with `buffer_bytes_max`.
  std::size_t readers_max = 64;

  /// What waits for one reader; 4 MiB are some 30,000 records.
  std::size_t buffer_bytes_max = 4 * 1024 * 1024;

  slow_reader on_slow = slow_reader::disconnect; ///< when the buffer of one is full

  /// A file with the token that a reader must send as its first line. Empty: none.
  std::string token_file;

  friend bool operator==(const socket_sink_options&, const socket_sink_options&) = default;
};

} // namespace actors
