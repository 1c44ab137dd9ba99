#pragma once

#include "actors/core/health_snapshot.hpp"

#include <string>

namespace actors::program {

/// The supervision tree: a line a child, under the one that supervises it, with its state.
std::string tree_text(const health_snapshot& health);

} // namespace actors::program
