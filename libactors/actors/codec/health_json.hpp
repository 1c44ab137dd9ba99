#pragma once

#include "actors/core/health_snapshot.hpp"
#include "actors/protocol/error.hpp"

#include <string>
#include <string_view>

namespace actors {

/// The snapshot as the doors give it: one JSON object, with the names docs/interface.md lists.
std::string to_json(const health_snapshot& health);

/// Reads what `to_json` wrote. Unknown fields are ignored, missing ones keep their defaults.
result<health_snapshot> health_from_json(std::string_view text);

} // namespace actors
