#include "order_commands.hpp"

#include <iostream>
#include <thread>

#include "exit_code.hpp"

namespace actors::program {

using namespace std::chrono_literals;

namespace {

/// Reading files, comparing, and stopping what has to stop first.
constexpr auto reload_patience = 60s;

/// A node gives its children twenty seconds, and its supervisors one more.
constexpr auto stop_patience = 30s;

int order(const node_address& where, const std::string& path, std::chrono::milliseconds within) {
  auto node = reach(where);
  if (!node)
    return complain(node.error());
  const auto answer = node->post(path, within);
  if (!answer)
    return complain(answer.error());
  if (answer->status / 100 != 2)
    return complain(refusal(*node, *answer));
  std::cout << answer->body << std::flush;
  return stopped_as_asked;
}

} // namespace

int reset(const node_address& where, const std::string& child) {
  return order(where, "/children/" + url_encoded(child) + "/reset", answer_patience);
}

int reload(const node_address& where) {
  return order(where, "/reload", reload_patience);
}

int stop(const stop_request& request) {
  auto node = reach(request.where);
  if (!node)
    return complain(node.error());
  const auto answer = node->post("/stop", answer_patience);
  if (!answer)
    return complain(answer.error());
  if (answer->status / 100 != 2)
    return complain(refusal(*node, *answer));
  if (!request.wait) {
    std::cout << answer->body << std::flush;
    return stopped_as_asked;
  }
  const auto due = std::chrono::steady_clock::now() + stop_patience;
  while (node->get("/healthz", answer_patience)) {
    if (std::chrono::steady_clock::now() > due)
      return complain({errc::timed_out, node->address() + ": it still answers after 30 s", {}});
    std::this_thread::sleep_for(50ms); // until the next look; `due` ends them
  }
  std::cout << "stopped\n" << std::flush;
  return stopped_as_asked;
}

} // namespace actors::program
