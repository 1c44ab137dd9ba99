#pragma once

#include "actors/core/bounded_queue.hpp"
#include "actors/core/restart_state.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace actors {

/// A mailbox as health shows it.
struct mailbox_health {
  std::size_t depth = 0;
  std::size_t capacity = 0; ///< 0: the child has no mailbox (a source)
  std::size_t bytes = 0;
  std::size_t bytes_max = 0;
  queue_counters counters;
  std::chrono::milliseconds held{0}; ///< how long a sender has been waiting for room; 0: none waits
};

struct child_health {
  std::string id; ///< "pipeline/child"
  child_state state = child_state::waiting;
  std::chrono::milliseconds since{0}; ///< how long it has been in that state
  std::uint64_t incarnation = 0;
  std::uint32_t attempt = 0;
  std::uint32_t attempts_max = 0;
  std::optional<std::chrono::milliseconds> next_try_in;
  std::string last_error; ///< at most 256 bytes; kept after recovery
  std::uint64_t restarts_total = 0;
  std::uint64_t dead_letters = 0;            ///< events given up because they crash the stage alone
  std::string activity;                      ///< the handler in work or run last
  std::chrono::milliseconds progress_age{0}; ///< since that handler began
  mailbox_health mailbox;
};

/// What a node knows of itself, read without asking anyone.
struct health_snapshot {
  std::string node;
  std::string version;
  bool live = true;   ///< the supervisors answer
  bool ready = false; ///< every child is ready or degraded
  std::chrono::milliseconds uptime{0};
  std::vector<child_health> children;
};

} // namespace actors
