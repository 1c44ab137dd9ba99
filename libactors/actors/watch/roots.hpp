#pragma once

#include "actors/core/watch_options.hpp"
#include "actors/protocol/error.hpp"

namespace actors {

/// Whether what `options` name can be watched here: the path is there (or waited for), may be read,
/// and the backend that was asked for works on it. The error says which not, and what to do.
result<void> check_root(const watch_options& options);

/// Whether all that `inner` asks for is told by `outer` already, under the same paths.
bool covers(const watch_options& outer, const watch_options& inner);

} // namespace actors
