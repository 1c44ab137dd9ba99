#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>

namespace actors {

/// Waits until one of `readable` can be read (or hung up), for at most `timeout`; for ever without
/// one. Descriptors below 0 are skipped. True when one is ready; false after the timeout or a
/// signal.
bool wait_readable(
  std::initializer_list<int> readable, std::optional<std::chrono::milliseconds> timeout);

/// Waits until `writable` can be written, for at most `timeout`.
bool wait_writable(int writable, std::chrono::milliseconds timeout);

/// Waits until `writable` can be written, or `readable` can be read. True when it can be written.
bool wait_writable(int writable, int readable);

} // namespace actors
