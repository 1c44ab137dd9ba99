#include "status_command.hpp"

#include "actors/codec/health_json.hpp"
#include "actors/codec/health_text.hpp"

#include <functional>
#include <iostream>

#include "exit_code.hpp"
#include "tree_text.hpp"

namespace actors::program {

namespace {

/// Prints something of each node. One that is named must answer; of several, one.
int for_each_node(
  const node_address& where, const std::function<result<std::string>(admin_client&)>& text_of) {
  auto nodes = reach_all(where);
  if (!nodes)
    return complain(nodes.error());
  auto answered = 0;
  auto problem = error{};
  for (auto& node : *nodes)
    if (const auto text = text_of(node)) {
      std::cout << *text;
      ++answered;
    } else {
      problem = text.error();
    }
  if (answered == 0)
    return complain(problem);
  std::cout.flush();
  return stopped_as_asked;
}

} // namespace

int status(const status_request& request) {
  return for_each_node(request.where, [&](admin_client& node) -> result<std::string> {
    if (request.json)
      return ask(node, "/health").map([](std::string body) { return body + "\n"; });
    return ask_health(node).map([](const health_snapshot& x) { return to_text(x); });
  });
}

int tree(const node_address& where) {
  return for_each_node(where, [](admin_client& node) {
    return ask_health(node).map([](const health_snapshot& x) { return tree_text(x); });
  });
}

} // namespace actors::program
