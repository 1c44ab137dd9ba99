#pragma once

#include "actors/core/node_config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace actors {

/// What must be done with one pipeline so that it is as the new configuration has it.
struct pipeline_change {
  enum class action : std::uint8_t {
    keep,    ///< nothing changed
    adjust,  ///< `children` are made anew, in place; the rest runs on
    restart, ///< it is stopped, drained, and started as it is now
    start,   ///< it is new
    stop,    ///< it is gone
  };

  action what = action::keep;
  std::string name;
  std::vector<std::string> children; ///< downstream first
  std::string why;                   ///< in words; empty when nothing changed

  friend bool operator==(const pipeline_change&, const pipeline_change&) = default;
};

/// The way from `before` to `after`, in the order of the new configuration; what is gone comes
/// first.
std::vector<pipeline_change> difference(
  const std::vector<pipeline_config>& before, const std::vector<pipeline_config>& after);

/// Keys of the node itself that changed: they count from the next start of the program.
std::vector<std::string> keys_for_next_start(const node_config& before, const node_config& after);

} // namespace actors
