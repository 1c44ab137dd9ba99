#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

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

/// One of many descriptors that are waited for.
struct awaited {
  enum class what : std::uint8_t { read, write };

  int descriptor = -1; ///< below 0: skipped
  what wish = what::read;
  bool is_ready = false; ///< or hung up, or broken: the next call on it says
};

/// Waits until one of them is ready, and marks which are. As `wait_readable`.
bool wait_any(std::span<awaited> those, std::optional<std::chrono::milliseconds> timeout);

} // namespace actors
