#pragma once

#include "actors/core/health_snapshot.hpp"

#include <string>

namespace actors {

/// The snapshot as a tree for people: a line for the node, one for each child, and one more for a
/// child that has an error to show.
std::string to_text(const health_snapshot& health);

} // namespace actors
