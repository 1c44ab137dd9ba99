#pragma once

#include <cstddef>

namespace actors {

/// How much waits in an inbox for a host that polls it. What does not fit waits in the mailbox
/// before it, which has bounds and a policy of its own.
struct inbox_limits {
  /// Bounds the wait in line. A loop that comes round sixty times a second takes them all each
  /// time, so this is some thousands of batches a second.
  std::size_t batches_max = 64;

  /// Bounds memory. One batch is taken in whatever its size, so that nothing waits for ever.
  std::size_t bytes_max = 4 * 1024 * 1024;
};

} // namespace actors
