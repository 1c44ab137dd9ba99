#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

enum class link_state : std::uint8_t {
  waiting,  ///< for the next try
  dialling, ///< looks names up, connects, shakes hands
  greeting, ///< connected; it waits to be welcomed
  up,       ///< records go
};

constexpr std::string_view name_of(link_state state) {
  switch (state) {
    case link_state::waiting: return "waiting";
    case link_state::dialling: return "dialling";
    case link_state::greeting: return "greeting";
    case link_state::up: break;
  }
  return "up";
}

/// What a link to a collector knows of itself. Spans are ages, or times to go.
struct link_health {
  using milliseconds = std::chrono::milliseconds; ///< of all spans here

  std::string child;                        ///< "pipeline/child"
  link_state state = link_state::waiting;   ///< what it does now
  milliseconds since{0};                    ///< in that state
  std::string address;                      ///< of the collector that answered last
  std::string peer;                         ///< its node's name, and version
  std::size_t window = 0;                   ///< batches that may be on their way
  std::size_t window_used = 0;              ///< that are accepted and not acknowledged
  std::size_t credit = 0;                   ///< what the collector grants; 0: it holds
  std::optional<milliseconds> last_ack;     ///< nothing: never
  std::optional<milliseconds> next_try;     ///< while it waits
  std::uint64_t connects = 0;               ///< times it was welcomed
  std::uint64_t sent = 0;                   ///< batches, each once
  std::uint64_t repeated = 0;               ///< times one was sent again
  std::uint64_t acknowledged = 0;           ///< batches
  std::optional<std::uint64_t> spool_bytes; ///< what waits in its spool
  std::string last_error;                   ///< why it is not up; empty while it is
};

/// What a collector knows of a node that links, or linked, to it.
struct peer_health {
  using milliseconds = std::chrono::milliseconds; ///< of all spans here

  std::string node;             ///< its name
  std::string link;             ///< "pipeline/child", there
  std::string name;             ///< of its certificate
  std::string address;          ///< where it came from
  std::string version;          ///< of its program
  bool is_up = false;           ///< otherwise it is gone, and this is how it was
  milliseconds since{0};        ///< up or gone
  milliseconds last_heard{0};   ///< ago
  std::uint64_t connects = 0;   ///< since this node started
  std::uint64_t batches = 0;    ///< that came
  std::uint64_t records = 0;    ///< that were stored
  std::uint64_t duplicates = 0; ///< records that were there already
  std::uint64_t gaps = 0; ///< places where numbers are missing: lost before, or gone elsewhere
  std::string last_error; ///< why it is gone
};

/// What a collector knows of itself.
struct collector_health {
  std::string address;           ///< where it listens
  std::size_t handshakes = 0;    ///< connections that have yet to show who they are
  std::uint64_t accepted = 0;    ///< connections
  std::uint64_t refused = 0;     ///< that did not show who they are, or may not link
  std::uint64_t evicted = 0;     ///< that were closed to make room for others
  std::uint64_t records = 0;     ///< in the store
  std::uint64_t store_bytes = 0; ///< of its file
  std::string trouble;           ///< why nothing is stored just now; empty: all is well
};

} // namespace actors
