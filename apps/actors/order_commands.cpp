#include "order_commands.hpp"

#include "actors/os/user_path.hpp"

#include <nlohmann/json.hpp>

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

std::chrono::milliseconds patience_with(const node_address& where) {
  return where.node.empty() ? answer_patience : far_order_patience;
}

int change_root(const root_request& request, const std::string& what) {
  auto path = request.path;
  if (request.where.node.empty())
    path = absolute_path(path);
  else if (!path.starts_with('/'))
    return complain(
      {errc::invalid_argument, "\"" + path + "\": a path at another node begins with a slash", {}});
  return order(request.where,
    "/pipelines/" + url_encoded(request.pipeline) + "/" + what + "?path=" + url_encoded(path),
    reload_patience);
}

/// Whether the collector that it links to has it as one that is up; an error: nobody knows.
result<bool> is_linked(const node_address& which) {
  auto collector = which;
  const auto slash = which.node.rfind('/');
  collector.node = slash == std::string::npos ? "" : which.node.substr(0, slash);
  auto client = reach(collector);
  if (!client)
    return tl::unexpected{client.error()};
  const auto body = ask(*client, "/nodes");
  if (!body)
    return tl::unexpected{body.error()};
  const auto name = slash == std::string::npos ? which.node : which.node.substr(slash + 1);
  const auto answer = nlohmann::json::parse(*body, nullptr, false);
  if (answer.is_object() && answer.contains("nodes") && answer["nodes"].is_array())
    for (const auto& x : answer["nodes"])
      if (x.is_object() && x.value("node", "") == name)
        return x.value("state", "") == "up";
  return false;
}

/// Whether it is to be seen any more.
bool is_there(admin_client& node, const node_address& which) {
  if (which.node.empty())
    return node.get("/healthz", answer_patience).has_value();
  return is_linked(which).value_or(true);
}

} // namespace

int reset(const node_address& where, const std::string& child) {
  return order(where, "/children/" + url_encoded(child) + "/reset", patience_with(where));
}

int add_root(const root_request& request) {
  return change_root(request, "watch");
}

int remove_root(const root_request& request) {
  return change_root(request, "unwatch");
}

int reload(const node_address& where) {
  return order(where, "/reload", reload_patience);
}

int stop(const stop_request& request) {
  auto node = reach(request.where);
  if (!node)
    return complain(node.error());
  const auto answer = node->post("/stop", patience_with(request.where));
  if (!answer)
    return complain(answer.error());
  if (answer->status / 100 != 2)
    return complain(refusal(*node, *answer));
  if (!request.wait) {
    std::cout << answer->body << std::flush;
    return stopped_as_asked;
  }
  const auto due = std::chrono::steady_clock::now() + stop_patience;
  while (is_there(*node, request.where)) {
    if (std::chrono::steady_clock::now() > due)
      return complain({errc::timed_out, node->address() + ": it is still there after 30 s", {}});
    std::this_thread::sleep_for(50ms); // until the next look; `due` ends them
  }
  std::cout << "stopped\n" << std::flush;
  return stopped_as_asked;
}

} // namespace actors::program
