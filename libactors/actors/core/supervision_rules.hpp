#pragma once

#include "actors/core/restart_budget.hpp"
#include "actors/core/restart_rules.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace actors {

/// Who restarts when one child crashes. As in Erlang/OTP. (The fourth strategy there, one template
/// and any number of children, is `dynamic_group`.)
enum class restart_strategy : std::uint8_t {
  one_for_one,  ///< the child alone
  one_for_all,  ///< every child
  rest_for_one, ///< the child and those declared after it
};

/// What a group does when a child has failed for good, or when it restarted too often.
enum class escalation : std::uint8_t {
  escalate,      ///< the group fails: its parent treats it like a child that crashed
  isolate,       ///< the siblings go on; the group is degraded until the child is reset
  restart_group, ///< every child starts again, after the longest wait, as often as one child may
  shutdown,      ///< the whole tree ends, whatever the groups above would do
};

/// Whether a group ends when its significant children have ended by themselves, without a fault.
enum class auto_shutdown : std::uint8_t { never, any_significant, all_significant };

/// How a supervisor treats its children as a group.
struct supervision_rules {
  restart_strategy strategy = restart_strategy::one_for_one; ///< who restarts with whom
  restart_budget_rules budget;                               ///< for all children together
  escalation on_failure = escalation::escalate;              ///< when a child has failed for good
  auto_shutdown ends_with = auto_shutdown::any_significant;  ///< when children end of themselves

  /// From the order to stop until what was accepted must have reached the sinks. Long enough for a
  /// slow reader to take a full pipe, short enough for service managers, which wait 90 s.
  std::chrono::milliseconds drain_deadline{10'000};

  /// How long one child may take to end. It is then abandoned, named and counted.
  std::chrono::milliseconds stop_deadline{5'000};

  /// The whole stop, whatever the number of children.
  std::chrono::milliseconds total_deadline{20'000};

  /// How long a required child may be away before readiness says so. 0: at once, so that a load
  /// balancer never sends to what backs off. Of the pipeline's own group; others have no readiness.
  std::chrono::milliseconds ready_grace{0};

  /// With so many instances of its children let go and still running, a group replaces no more: a
  /// child that hangs is let go and fails. Each may hold a thread and its stack; eight are a
  /// warning, not a leak that eats the machine.
  std::size_t abandoned_max = 8;

  friend bool operator==(const supervision_rules&, const supervision_rules&) = default;
};

/// How a supervisor treats one child.
struct child_rules {
  std::string id;           ///< unique in the group
  restart_rules restart;    ///< backoff, attempts
  bool significant = false; ///< counts for `auto_shutdown`
  bool required = true;     ///< readiness waits for it

  /// A handler that runs so long without a sign of progress hangs: the child is replaced. Half of
  /// it, and the child is degraded. 30 s outlast any handler that does not block.
  std::chrono::milliseconds hang_after{30'000};

  /// Instead of the group's `on_failure`: for a child whose failure the others need not share.
  std::optional<escalation> on_failure;

  /// Instead of the group's `stop_deadline`: for a group in a group.
  std::optional<std::chrono::milliseconds> stop_deadline;
};

/// Everything that is wrong with them, each a line that names the child, the field and the value.
/// Empty: they make sense.
std::vector<std::string> mistakes_in(
  const supervision_rules& rules, const std::vector<child_rules>& children);

} // namespace actors
