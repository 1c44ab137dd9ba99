#pragma once

#include "actors/core/health_snapshot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// A link for people: "up for 3.0s  center (0.1.0) at 10.0.0.1:9471  window 3/16 ...".
std::string link_text(const link_health& x);

/// "collector 0.0.0.0:9471  records 20  store 1.2 MiB ..."
std::string collector_text(const collector_health& x);

/// "up for 3.0s  heard 0.2s ago  records 2000  duplicates 0  gaps 0 ..."
std::string peer_text(const peer_health& x);

/// The lines behind the children: each collector, and the nodes that link to it; none, where the
/// node collects nothing.
std::vector<std::string> collection_lines(const health_snapshot& health);

/// The link of that child; nothing, when it is none.
const link_health* find_link(const health_snapshot& health, std::string_view child);

} // namespace actors
