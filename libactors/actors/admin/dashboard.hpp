#pragma once

#include <string_view>

namespace actors {

/// The dashboard: one HTML page that needs nothing but the node it is loaded from. It asks for
/// /stream (server-sent events `health` and `transition`), /events?after=N and
/// POST /children/PIPELINE/CHILD/reset. Written by the build, from dashboard.html.
std::string_view dashboard_page() noexcept;

/// Its Content-Security-Policy, which the page bears too: for the header, where frames can be
/// forbidden with it.
std::string_view dashboard_policy() noexcept;

} // namespace actors
