#include "actors/sinks/command_call.hpp"

#include "actors/os/child_process.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace actors {

namespace {

/// What a string costs; execve(2): its bytes, its end, the pointer to it.
std::size_t cost_of(const std::string& x) {
  return x.size() + 1 + sizeof(char*);
}

/// Puts in the path and the type at once: a path that contains "{type}" stays what it is.
std::string filled_in(const std::string& argument, const gathered_changes& changes) {
  auto text = std::string{};
  for (std::size_t at = 0; at < argument.size();) {
    const auto rest = std::string_view{argument}.substr(at);
    if (rest.starts_with("{path}")) {
      text += changes.path();
      at += 6;
    } else if (rest.starts_with("{type}")) {
      text += changes.type();
      at += 6;
    } else {
      text += argument[at++];
    }
  }
  return text;
}

/// Sets NAME=VALUE in place of the one that is there.
void set(std::vector<std::string>& environment, const std::string& variable) {
  const auto name = variable.substr(0, variable.find('=') + 1);
  std::erase_if(environment, [&](const std::string& x) { return x.starts_with(name); });
  environment.push_back(variable);
}

} // namespace

command_call call_for(const gathered_changes& changes, const command_sink_options& options,
  const std::string& pipeline, std::vector<std::string> inherited, std::size_t bytes_max) {
  auto call = command_call{};
  call.environment = std::move(inherited);
  for (const auto& x : options.environment)
    set(call.environment, x);
  set(call.environment, "ACTORS_PIPELINE=" + pipeline);
  set(call.environment, "ACTORS_COUNT=" + std::to_string(changes.count()));
  set(call.environment, "ACTORS_SEQ=" + std::to_string(changes.seq()));
  set(call.environment, "ACTORS_TYPE=" + changes.type());
  // A longer one than the kernel takes would keep the command from being run at all.
  for (const auto& [name, value] :
    {std::pair{"ACTORS_PATH=", changes.path()}, std::pair{"ACTORS_FROM=", changes.from()}})
    if (value.size() + 16 < argument_bytes_max_each)
      set(call.environment, name + value);

  auto used = std::size_t{0};
  for (const auto& x : call.environment)
    used += cost_of(x);
  for (const auto& x : options.argv)
    used += cost_of(x) + (x == "{}" ? 0 : changes.path().size());
  for (const auto& x : options.argv) {
    if (x != "{}") {
      call.arguments.push_back(filled_in(x, changes));
      continue;
    }
    for (const auto& path : changes.paths()) {
      if (used + cost_of(path) > bytes_max || path.size() >= argument_bytes_max_each) {
        ++call.paths_left_out;
        continue;
      }
      used += cost_of(path);
      call.arguments.push_back(path);
    }
  }
  return call;
}

} // namespace actors
