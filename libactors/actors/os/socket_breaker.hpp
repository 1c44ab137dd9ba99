#pragma once

#include "actors/os/unique_fd.hpp"

#include <mutex>

namespace actors {

/// Ends, from another thread, what a library does on a socket that it owns: its calls return with
/// an error. Thread-safe.
class socket_breaker {
public:
  /// From here on it is about that socket. A duplicate is kept, so that the descriptor may be
  /// closed, and its number be given to something else, at any time. Once broken, it breaks this
  /// one too, until `mend`.
  void watch(int socket);

  void break_off();
  void mend();

private:
  std::mutex mutex_;
  unique_fd socket_;
  bool is_broken_ = false;
};

/// Whoever reads from or writes to that socket, here or there, is at its end. From any thread; the
/// descriptor must be open.
void shut_down(int socket);

/// Another descriptor of the same socket, which the caller must close; below 0: there is none left.
int duplicate(int socket);

/// Keeps the calling thread, for good, from getting signals: a library of it may write to sockets
/// that nobody reads any more (SIGPIPE), and the others are the host's to handle.
void block_signals();

} // namespace actors
