#pragma once

#include "actors/core/child_name.hpp"

namespace actors {

/// The one member of a pool's pipeline.
constexpr auto pool_member = "workers";

} // namespace actors
