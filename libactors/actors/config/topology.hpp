#pragma once

#include "actors/config/config_mistake.hpp"
#include "actors/core/node_config.hpp"

#include <string>
#include <vector>

namespace actors {

/// Adds what is wrong with the whole, though each key by itself is right: names and files used
/// twice, limits that contradict each other, a file of records in the tree it tells of, doors open
/// to others without a lock.
void check_topology(const node_config& config, mistake_list& mistakes);

/// The children of a pipeline, in the order of the flow.
std::vector<std::string> child_names(const pipeline_config& config);
std::vector<std::string> child_names(const collect_config& config);

/// "src/file: tries after 1s 2s 4s 8s 16s, gives up 31s after the first crash", a line a child.
std::vector<std::string> restart_schedule(const node_config& config);

} // namespace actors
