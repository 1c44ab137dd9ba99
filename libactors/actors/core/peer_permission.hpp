#pragma once

#include "actors/core/link_options.hpp"

#include <string>
#include <vector>

namespace actors {

/// Whether the list names one of these names, which a certificate has, or everybody ("*"). DNS
/// names are the same in upper and lower case (RFC 4343).
bool is_permitted(const peer_names& list, const std::vector<std::string>& names);

/// What is wrong with such a list; empty: nothing. "loopback" is the name of whoever speaks in the
/// clear: over TLS it would be a certificate that anybody may have asked for.
std::string mistake_in(const peer_names& list, wire_policy wire);

} // namespace actors
