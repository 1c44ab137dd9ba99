#pragma once

#include "actors/core/health_snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace actors {

/// What metrics are made of. All of it is read when it is asked for; nothing is kept twice.
struct node_metrics {
  health_snapshot health;
  std::map<std::string, std::uint64_t, std::less<>> overflows; ///< by root
  std::size_t streams = 0;                                     ///< of /stream, open
};

/// The same as Prometheus reads it (text format 0.0.4): every family with HELP and TYPE
/// (docs/doors.md lists them).
std::string metrics_text(const node_metrics& of);

} // namespace actors
