#pragma once

#include "actors/os/unique_fd.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// Who started this process and wants to be told how it is: systemd, by the protocol of
/// sd_notify(3). It is one datagram a message to a socket, promised to stay as it is, so it is
/// spoken here and no library is linked for it (docs/decisions/0018).
///
/// Tells nothing, and costs nothing, when nobody asked.
class service_manager {
public:
  /// Nobody listens.
  service_manager() = default;

  /// As the environment says (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID). Takes the variables
  /// away, so that no command run by this process speaks in its name: call it before any thread
  /// starts.
  static service_manager from_environment();

  bool is_listening() const { return static_cast<bool>(socket_); }

  /// Lines such as "READY=1\nSTATUS=all is well". False: nobody listens, or it could not be taken;
  /// never waits.
  bool tell(std::string_view lines);

  /// How often WATCHDOG=1 must come; nothing: it need not.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

private:
  unique_fd socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

/// Whether what is written to `descriptor` goes to the journal of systemd (JOURNAL_STREAM,
/// systemd.exec(5)), where a line may begin with its priority.
bool writes_to_journal(int descriptor);

} // namespace actors
