#pragma once

#include "actors/core/mailbox_limits.hpp"
#include "actors/core/supervise_options.hpp"
#include "actors/core/supervision_rules.hpp"

#include <chrono>
#include <cstddef>

namespace actors {

/// How the workers of a pool are bounded and supervised.
struct pool_options {
  /// Of each worker.
  restart_rules restart;

  /// One that fails for good stays failed, until it is reset or removed; the others go on. Within a
  /// minute as many restarts are allowed as there may be children.
  supervision_rules group{.budget = {.restarts_max = 200'000}, .on_failure = escalation::isolate};

  /// As `supervise_options::hang_after`.
  std::chrono::milliseconds hang_after{30'000};

  /// Of each worker's mailbox. What crashes a worker is not given to it again: a worker does what
  /// it is told, and what it did half cannot be taken back.
  mailbox_limits mailbox{.messages_max = 256, .on_crash = redelivery::never};

  /// Bounds memory; a worker with an idle stage costs some 4 kB.
  std::size_t children_max = 200'000;
};

/// How long a call waits for an answer of a supervisor: its turns take microseconds.
constexpr auto default_patience = std::chrono::milliseconds{5'000};

} // namespace actors
