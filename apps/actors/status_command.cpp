#include "status_command.hpp"

#include "actors/admin/unix_door.hpp"
#include "actors/codec/health_json.hpp"
#include "actors/codec/health_text.hpp"

#include <unistd.h>

#include <iostream>
#include <vector>

#include "admin_address.hpp"
#include "exit_code.hpp"

namespace actors::program {

namespace {

/// Prints one node's answer. False when it did not answer.
result<void> print(const std::string& socket, bool json) {
  const auto answer = ask_door(socket, "/health");
  if (!answer)
    return tl::unexpected{answer.error()};
  if (json) {
    std::cout << *answer << '\n';
    return {};
  }
  const auto health = health_from_json(*answer);
  if (!health)
    return failure(health.error().code, socket + ": " + health.error().text);
  std::cout << to_text(*health);
  return {};
}

} // namespace

int status(const status_request& request) {
  if (!request.admin.empty()) {
    if (auto shown = print(socket_path(request.admin), request.json); !shown) {
      std::cerr << "actors: " << shown.error().text << '\n';
      return exit_code_of(shown.error().code);
    }
    return stopped_as_asked;
  }
  auto found = 0;
  for (const auto& socket : known_admin_addresses())
    if (print(socket, request.json))
      ++found;
  if (found != 0)
    return stopped_as_asked;
  std::cerr << "actors: no running node in " << admin_folder()
            << "; start one (actors watch PATH), or name its socket with --admin\n";
  return run_time_error;
}

} // namespace actors::program
