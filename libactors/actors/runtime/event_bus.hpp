#pragma once

#include "actors/core/transition.hpp"
#include "actors/runtime/shared_journal.hpp"

#include <cstddef>

namespace actors {

/// What happened lately in a node.
class event_bus : public shared_journal<transition> {
public:
  /// A restart writes four lines or so: the last 250 restarts.
  static constexpr std::size_t kept = 1024;

  event_bus() : shared_journal{kept} {}
};

} // namespace actors
