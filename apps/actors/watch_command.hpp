#pragma once

#include "actors/codec/event_line.hpp"
#include "actors/core/change_kinds.hpp"
#include "actors/core/command_sink_options.hpp"
#include "actors/core/node_config.hpp"
#include "actors/core/watch_options.hpp"
#include "actors/runtime/log.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "network_options.hpp"

namespace actors::program {

/// `actors watch`, as it was asked for on the command line.
struct watch_request {
  std::vector<std::string> paths;
  watch_options watch; ///< of each path
  change_kinds kinds = change_kinds::all();
  std::chrono::milliseconds settle{300};
  std::optional<std::chrono::milliseconds> max_wait; ///< default: ten times settle
  bool once = false;
  std::optional<bool> show_progress; ///< default: when standard error is a terminal
  std::optional<std::chrono::milliseconds> timeout;
  bool exit_on_lost = false;
  std::optional<line_format> format; ///< default: NDJSON; with a link, of `ready` and `error` alone
  log_level log_min = log_level::warning;
  log_format logs = log_format::text;
  std::string admin;            ///< empty: the default place
  command_sink_options command; ///< run for each batch; without argv: changes are printed
  http_door_options http;
  link_request link;
};

/// Runs until stopped; returns the exit code.
int watch(const watch_request& request);

} // namespace actors::program
