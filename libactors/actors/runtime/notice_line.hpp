#pragma once

#include "actors/core/notice.hpp"
#include "actors/protocol/log_line.hpp"

#include <string>

namespace actors {

/// What the log says of it. `child` is the id of the child it is about; empty: it is about the
/// whole pipeline.
log_line line_of(const notice& what, const std::string& pipeline, const std::string& child);

} // namespace actors
