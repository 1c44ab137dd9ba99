#pragma once

#include <functional>
#include <string>

#include "node_address.hpp"
#include "order_commands.hpp"
#include "record_commands.hpp"
#include "status_command.hpp"
#include "top_command.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace actors::program {

/// The verbs that ask a running node, or tell it something.
class admin_verbs {
public:
  /// Adds them to the program's. The object must live as long.
  void add_to(CLI::App& program);

  /// The one that was given; an empty function: none of these.
  const std::function<int()>& chosen() const { return chosen_; }

private:
  void add_orders(CLI::App& program);
  void add_root_verb(CLI::App& program, const char* name, const char* help, root_request& request,
    int (*run)(const root_request&));
  CLI::App& add(CLI::App& program, const char* name, const char* help, node_address& where,
    std::function<int()> run);

  status_request status_;
  node_address tree_;
  top_request top_;
  tap_request tap_;
  events_request events_;
  node_address reset_;
  std::string child_;
  node_address reload_;
  root_request add_;
  root_request remove_;
  stop_request stop_;
  std::function<int()> chosen_;
};

} // namespace actors::program
