#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/os/wake_event.hpp"

#include <chrono>
#include <optional>

namespace actors::program {

/// Turns SIGINT and SIGTERM into something to wait for. Make it before any thread starts: all
/// inherit the blocked signals, so that this descriptor is the only place where they arrive.
class signals {
public:
  signals();

  enum class what { signal, event, timeout };

  /// Waits for a signal, for `event`, or for the timeout.
  what wait(const wake_event& event, std::optional<std::chrono::milliseconds> timeout);

private:
  unique_fd fd_; ///< signalfd(2)
};

} // namespace actors::program
