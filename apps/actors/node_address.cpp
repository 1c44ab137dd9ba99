#include "node_address.hpp"

#include "actors/codec/health_json.hpp"
#include "actors/os/unix_socket.hpp"

#include <iostream>
#include <utility>

#include "admin_address.hpp"
#include "exit_code.hpp"

namespace actors::program {

namespace {

result<admin_client> client_of(const node_address& which, std::string address) {
  return admin_client::to({std::move(address), which.token_file, which.ca_file, which.node});
}

} // namespace

result<std::vector<admin_client>> reach_all(const node_address& which) {
  auto found = std::vector<admin_client>{};
  if (!which.admin.empty()) {
    auto named = client_of(which, which.admin);
    if (!named)
      return tl::unexpected{named.error()};
    found.push_back(std::move(*named));
    return found;
  }
  for (const auto& socket : known_admin_addresses())
    if (connect_unix(socket))
      if (auto local = client_of(which, "unix:" + socket))
        found.push_back(std::move(*local));
  if (found.empty())
    return failure(
      errc::unavailable, "no running node in " + admin_folder()
                           + "; start one (actors watch PATH), or name its address with --admin");
  return found;
}

result<admin_client> reach(const node_address& which) {
  auto found = reach_all(which);
  if (!found)
    return tl::unexpected{found.error()};
  if (found->size() == 1)
    return std::move(found->front());
  auto text = std::string{"several nodes run here; name one with --admin:"};
  auto local = which;
  local.node.clear();
  if (const auto named = reach_all(local)) // by their own names
    for (const auto& x : *named)
      text += "\n  --admin " + x.address();
  return failure(errc::invalid_argument, std::move(text));
}

error refusal(const admin_client& node, const admin_client::reply& answer) {
  auto text = answer.body.substr(0, 2000);
  text.erase(text.find_last_not_of('\n') + 1);
  const auto said = node.address() + ": " + (text.empty() ? std::to_string(answer.status) : text);
  switch (answer.status) {
    case 401:
      return {errc::permission_denied,
        node.address() + ": it wants a token; give the right one with --token-file", {}};
    case 403: return {errc::permission_denied, said, {}};
    case 400:
    case 404: return {errc::invalid_argument, said, {}};
    default: return {errc::unavailable, said, {}};
  }
}

result<std::string> ask(admin_client& node, const std::string& path_and_query) {
  auto answer = node.get(path_and_query, answer_patience);
  if (!answer)
    return tl::unexpected{answer.error()};
  if (answer->status != 200)
    return tl::unexpected{refusal(node, *answer)};
  return std::move(answer->body);
}

result<health_snapshot> ask_health(admin_client& node) {
  const auto body = ask(node, "/health");
  if (!body)
    return tl::unexpected{body.error()};
  auto health = health_from_json(*body);
  if (!health)
    return failure(health.error().code, node.address() + ": " + health.error().text);
  return health;
}

int complain(const error& about) {
  std::cerr << "actors: " << about.text << '\n';
  return exit_code_of(about.code);
}

} // namespace actors::program
