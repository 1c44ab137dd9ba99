#pragma once

#include "actors/core/health_snapshot.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace actors::program {

/// What one look of `actors top` shows: lines of at most `width` columns. What does not fit is left
/// out from the right: notes first, then bars, latency, restarts.
///
/// `before` is the look before, `span` earlier; nothing: rates are averages since the start.
std::vector<std::string> top_text(const health_snapshot& now, const health_snapshot* before,
  std::chrono::milliseconds span, std::size_t width);

} // namespace actors::program
