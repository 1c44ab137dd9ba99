#pragma once

#include "actors/core/health_snapshot.hpp"

#include <chrono>
#include <string>

namespace actors {

/// The snapshot as a tree for people: a line for the node, one for each child, and one more for a
/// link, or for a child that has an error to show; then the collectors and who links to them.
std::string to_text(const health_snapshot& health);

/// "1.5s", "3m12s", "4h07m": an age at a glance.
std::string age_text(std::chrono::milliseconds age);

} // namespace actors
