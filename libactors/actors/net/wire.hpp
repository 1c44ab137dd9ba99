#pragma once

#include "actors/net/wire_session.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace actors {

/// Carries frames between nodes: CAF's middleman, in an actor system of its own, with one broker
/// for each connection. Sockets come from our own dialers and acceptors, and only after their ends
/// have shown who they are; nothing here listens. No CAF type passes through this header.
///
/// A system of its own, so that nothing of the network can hold up pipelines or their stop, and
/// programs without links have none of its threads. Thread-safe.
class wire {
public:
  wire();

  /// Cuts every connection; those that `finish` get a moment to. Returns within a few seconds
  /// whatever peers do: what does not end is left behind.
  ~wire();
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  /// Begins to carry what goes over that stream, which must have shaken hands. Errors:
  /// limit_reached (no descriptor left), closed.
  result<std::shared_ptr<wire_session>> open(std::shared_ptr<peer_stream> stream,
    std::size_t inbox_bytes_max, std::function<void()> on_news);

  /// Closes what was finished and lingers; whoever has many connections calls it now and then.
  void tidy();

private:
  struct system;

  bool has_unfinished() const;

  std::unique_ptr<system> system_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<wire_session>> sessions_; ///< those that are open, and a few more
};

} // namespace actors
