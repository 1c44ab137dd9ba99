#pragma once

#include "actors/core/collect_config.hpp"
#include "actors/core/pipeline_config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace actors {

/// Where a node can be asked over HTTP, besides its unix socket.
struct http_door_options {
  /// "HOST:PORT", the host a number; empty: no such door. Other than loopback needs a token and a
  /// certificate.
  std::string listen;
  std::string token_file;       ///< every request must bear this token; empty: none
  std::string certificate_file; ///< PEM; empty: plain HTTP
  std::string key_file;

  friend bool operator==(const http_door_options&, const http_door_options&) = default;
};

/// A node as a configuration describes it.
struct node_config {
  std::string name = "actors";
  std::string admin; ///< "unix:/path"; empty: the user's own folder for such sockets
  http_door_options http;
  std::vector<pipeline_config> pipelines;
  std::optional<collect_config> collect; ///< none: nothing is received from other nodes

  friend bool operator==(const node_config&, const node_config&) = default;
};

} // namespace actors
