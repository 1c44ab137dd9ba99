#pragma once

#include "actors/core/emitter_options.hpp"
#include "actors/core/link_options.hpp"
#include "actors/os/tls_identity.hpp"
#include "actors/protocol/error.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace actors::program {

/// Who this node is to others, as it was asked for on the command line.
struct identity_request {
  tls_options tls;
  bool insecure_loopback = false;

  wire_policy wire() const {
    return insecure_loopback ? wire_policy::insecure_loopback : wire_policy::tls;
  }
};

/// `actors watch --to`.
struct link_request {
  std::vector<std::string> to; ///< collectors, in the order in which they are tried; none: no link
  identity_request identity;
  std::string server_name;
  std::string spool;
  std::string node; ///< our name; empty: that of this machine

  link_options options() const;
  emitter_options emitter() const; ///< as the child "link"
};

void add_identity(CLI::App& command, identity_request& request);
void add_node_name(CLI::App& command, std::string& name, const std::string& standard);
void add_link_options(CLI::App& watch, link_request& request);

/// What is wrong with the command line: nothing is left in the clear by mistake. `addresses` are
/// those that are dialled, or listened at.
result<void> check_usage(
  const identity_request& request, const std::vector<std::string>& addresses);
result<void> check_usage(const link_request& request);

/// What is wrong with the files.
result<void> check_certificates(const identity_request& request, tls_use use);

/// The name of this machine, up to its first dot, as names of nodes are; `suffix` behind it.
std::string own_node_name(const std::string& suffix = "");

} // namespace actors::program
