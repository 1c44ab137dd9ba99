#pragma once

#include "actors/core/collect_options.hpp"
#include "actors/core/line_format.hpp"
#include "actors/core/node_config.hpp"
#include "actors/runtime/log.hpp"

#include <optional>
#include <string>
#include <vector>

#include "network_options.hpp"

namespace CLI {
class App;
}

namespace actors::program {

/// `actors collect`, as it was asked for on the command line.
struct collect_request {
  std::string listen;
  std::string store;
  std::uint64_t store_bytes_max = collect_options{}.store_bytes_max;
  identity_request identity;
  std::vector<std::string> allow;
  std::optional<line_format> format; ///< none: nothing is printed
  std::vector<std::string> forward;  ///< other collectors, tried in turn
  std::string node;                  ///< our name; empty: that of this machine, and "-collector"
  log_level log_min = log_level::info;
  log_format logs = log_format::text;
  std::string admin; ///< empty: the default place
  http_door_options http;
};

void add_collect(CLI::App& program, collect_request& request);

/// Receives from links of other nodes until stopped; SIGHUP reads the certificates again. Returns
/// the exit code.
int collect(const collect_request& request);

} // namespace actors::program
