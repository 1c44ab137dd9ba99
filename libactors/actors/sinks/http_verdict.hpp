#pragma once

#include "actors/core/event.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// What a sink does after an answer.
enum class http_verdict : std::uint8_t {
  delivered,
  retry,     ///< the server, the way to it or the door is at fault: later it may work
  too_large, ///< in halves it may work
  refused,   ///< what was posted is at fault: no try will ever work
};

/// Of a status (RFC 9110, 15). 408, 425, 429 and 5xx pass. Of the rest, 401, 403, 404, 405, 407,
/// 410 and redirects (which are not followed) speak of the door and not of what was posted: someone
/// has to set a token, an address or a server right, and nothing must be lost till then. All other
/// 4xx, 400 and 422 among them, speak of what was posted.
http_verdict verdict_of(int status);

/// The wait that a `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or a date. Nothing when it
/// is neither; 0 for a date that has passed.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, wall_time now);

} // namespace actors
