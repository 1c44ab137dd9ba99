#pragma once

#include "actors/core/node_config.hpp"
#include "actors/protocol/error.hpp"

#include <string>

namespace actors {

/// Reads a configuration file (docs/config.md) and looks whether this machine has what it names.
///
/// The error has a line for each mistake, `FILE:LINE: key: what is wrong`. Its code is
/// invalid_argument when the file is wrong, whatever machine it is for; otherwise that of the first
/// thing that is missing here: not_found, permission_denied, ...
result<node_config> load_config(const std::string& path);

} // namespace actors
