#pragma once

#include "actors/config/config_mistake.hpp"
#include "actors/config/json_reader.hpp"
#include "actors/core/node_config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// What a configuration file says. It counts only when there are no mistakes.
struct config_reading {
  node_config config;
  mistake_list mistakes;
  std::vector<machine_need> needs; ///< to be looked at on this machine
};

/// Reads the text of a file, whose name is for messages. Asks nothing of the machine: the first two
/// of the three tiers (syntax and keys; the whole).
config_reading read_config(std::string_view text, std::string file);

} // namespace actors
