#pragma once

#include "actors/core/dead_letter.hpp"
#include "actors/core/edge_counts.hpp"
#include "actors/core/link_health.hpp"
#include "actors/core/mailbox_limits.hpp"
#include "actors/core/restart_rules.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// A mailbox as health shows it.
struct mailbox_health {
  std::size_t depth = 0;             ///< batches in it, those in work included
  std::size_t capacity = 0;          ///< 0: the child has no mailbox (a source, a group)
  std::size_t bytes = 0;             ///< memory of their records
  std::size_t bytes_max = 0;         ///< the bound on that
  queue_counters counters;           ///< since the child was made
  std::chrono::milliseconds held{0}; ///< how long a sender has been waiting for room; 0: none waits
};

enum class child_kind : std::uint8_t {
  child,
  group, ///< a supervisor over children of its own
  pool,  ///< the same, whose children come and go
};

constexpr std::string_view name_of(child_kind kind) noexcept {
  constexpr auto names = std::array<std::string_view, 3>{"child", "group", "pool"};
  return names[static_cast<std::size_t>(kind)];
}

/// One row of health: a child, a group, a pool or a worker.
struct child_health {
  std::string id;                           ///< "pipeline/child", "pipeline/group/child"
  child_kind kind = child_kind::child;      ///< whether it is a supervisor itself
  child_state state = child_state::waiting; ///< what it is doing now
  std::chrono::milliseconds since{0};       ///< how long it has been in that state
  std::uint64_t incarnation = 0;            ///< 1 is the first; each start counts
  std::uint32_t attempt = 0;                ///< crashes since it was stable last
  std::uint32_t attempts_max = 0;           ///< with so many it is given up
  std::optional<std::chrono::milliseconds> next_try_in; ///< while it backs off
  std::string last_error;                               ///< at most 256 bytes; kept after recovery
  std::uint64_t restarts_total = 0;                     ///< since the pipeline started
  std::uint64_t dead_letters = 0;            ///< events given up because they crash the stage alone
  std::string note;                          ///< what it works with, as it says itself
  std::string activity;                      ///< the handler in work or run last
  std::chrono::milliseconds progress_age{0}; ///< since that handler began
  mailbox_health mailbox;                    ///< of a source or a group: all 0
  edge_counts passed;  ///< what went into its mailbox; out of it, for a source
  std::string held_by; ///< the child downstream that has no room for what this one wants to hand on
};

constexpr auto child_states = std::size_t{8};

/// Numbers over all children, kept up to date and not counted when asked for.
struct health_totals {
  std::array<std::size_t, child_states> by_state{}; ///< children (not groups), by `child_state`
  std::uint64_t restarts = 0;                       ///< of all children
  std::size_t abandoned = 0;                        ///< instances that were let go and still run
  loss_counts losses;                               ///< by reason

  /// Children in whatever state.
  std::size_t children() const {
    auto sum = std::size_t{0};
    for (const auto count : by_state)
      sum += count;
    return sum;
  }
  /// Children in that state.
  std::size_t in(child_state state) const { return by_state[static_cast<std::size_t>(state)]; }
};

/// What a node knows of itself, read without asking anyone: all of it but the rows in time that
/// does not grow with the number of children.
struct health_snapshot {
  std::string node;               ///< `node_options::name`
  std::string version;            ///< of the library
  bool live = true;               ///< no supervisor is late with what it was told
  bool ready = false;             ///< every required child is ready or degraded
  std::vector<std::string> doors; ///< where it can be asked; one that could not open is missing
  std::chrono::milliseconds uptime{0};      ///< since the node was made
  health_totals totals;                     ///< over all children, whatever the page
  std::vector<child_health> children;       ///< one page of them
  bool has_more = false;                    ///< there are more rows after the last one
  std::vector<link_health> links;           ///< to collectors elsewhere
  std::vector<collector_health> collectors; ///< here; with the first page
  std::vector<peer_health> peers;           ///< that link, or linked, to them; with the first page
  std::size_t peers_left_out = 0;           ///< beyond what a page holds
};

/// Which rows a snapshot should hold.
struct health_page {
  std::string after; ///< the id of the last row of the page before; empty: the first page

  /// Bounds the answer: a row is some 500 bytes as JSON.
  std::size_t rows_max = 1000;
};

} // namespace actors
