#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/os/wake_event.hpp"

#include <chrono>
#include <functional>
#include <optional>

namespace actors::program {

/// Turns SIGINT and SIGTERM (and SIGHUP, if it means a reload) into something to wait for. Make it
/// before any thread starts: all inherit the blocked signals, so that this descriptor is the only
/// place where they arrive.
class signals {
public:
  /// What SIGHUP means: by itself it ends a program, as when its terminal is closed.
  enum class hangup { ends, reloads };
  explicit signals(hangup how = hangup::ends);

  enum class what { end, reload, event, timeout };

  /// Waits for a signal, for `event`, or for the timeout.
  what wait(const wake_event& event, std::optional<std::chrono::milliseconds> timeout);

private:
  unique_fd fd_; ///< signalfd(2)
};

/// Does what a first SIGTERM does; a second call does nothing. For `node_options::on_stop`.
std::function<void()> ask_itself_to_stop();

} // namespace actors::program
