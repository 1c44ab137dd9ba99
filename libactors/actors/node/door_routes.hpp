#pragma once

#include "actors/admin/door.hpp"
#include "actors/core/root_change.hpp"
#include "actors/node/reload_report.hpp"
#include "actors/protocol/error.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace actors {

class node;
class node_network;

/// What the doors of a node answer (docs/doors.md). Thread-safe.
class node_routes {
public:
  /// Streams of /stream at a time: each costs the door a thread and a snapshot a second. (Those of
  /// /tap are bounded by the node, which has sixteen taps.)
  static constexpr std::size_t streams_max = 8;

  /// What only the program can do.
  struct hooks {
    std::function<result<std::string>()> on_reload;
    std::function<void()> on_stop;
    std::function<reload_report(const root_change&)> on_root_change;
  };

  /// The network may be gone when the node is.
  node_routes(node& of, std::weak_ptr<node_network> others, hooks with)
    : of_{of}, others_{std::move(others)}, hooks_{std::move(with)} {}

  door_answer answer(const door_request& what);

private:
  door_answer get(const door_request& what);
  door_answer post(const door_request& what);
  door_answer metrics() const;
  door_answer reset(const std::string& child);
  door_answer reload();
  door_answer stop();
  door_answer change_root(const root_change& what, const door_request& asked);
  door_answer change_root_now(const root_change& what);
  door_answer nodes() const;
  door_answer ask_node(const door_request& what) const;
  door_answer stream(const door_request& what);
  door_answer tap(const door_request& what) const;

  node& of_;
  const std::weak_ptr<node_network> others_;
  const hooks hooks_;
  std::shared_ptr<std::atomic<std::size_t>> streams_ = ///< shared with those that are open
    std::make_shared<std::atomic<std::size_t>>(0);
};

} // namespace actors
