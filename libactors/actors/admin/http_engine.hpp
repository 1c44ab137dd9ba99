#pragma once

#include "actors/admin/door.hpp"
#include "actors/admin/door_access.hpp"
#include "actors/admin/door_connection.hpp"

#include <functional>
#include <memory>

namespace actors {

/// Speaks HTTP with a peer: reads one request, has it judged and routed, writes the answer. The
/// parsing is cpp-httplib's; what bounds it (bytes, lines, time) is here, because its own bounds
/// are on single lines and single reads: a peer that drips holds a thread of it for hours.
///
/// Thread-safe: one engine serves all connections of a door.
class http_engine {
public:
  http_engine(door_routes routes, door_access access, door_limits limits);
  ~http_engine();

  /// Answers one request. `when_read` is called once the request is there. Returns within
  /// `request_patience` + `answer_patience`, but for streams: those end with the peer, the route
  /// or `end`.
  void answer(door_connection& peer, const std::function<void()>& when_read) const;

  /// Streams end.
  void end();

private:
  class server;
  std::unique_ptr<server> server_;
};

} // namespace actors
