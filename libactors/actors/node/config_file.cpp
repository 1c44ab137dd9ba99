#include "actors/node/config_file.hpp"

#include "actors/config/json_tree.hpp"
#include "actors/config/read_config.hpp"
#include "actors/node/emitters.hpp"
#include "actors/os/path_access.hpp"
#include "actors/os/small_file.hpp"
#include "actors/os/tls_identity.hpp"
#include "actors/os/user_path.hpp"
#include "actors/watch/roots.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <variant>
#include <vector>

namespace actors {

namespace {

result<void> check_socket(std::string_view address) {
  constexpr auto unix_prefix = std::string_view{"unix:"};
  if (!address.starts_with(unix_prefix))
    return {};
  return check_socket_place(std::string{address.substr(unix_prefix.size())});
}

/// Whether what the text names is there.
result<void> check(const machine_need& need) {
  switch (need.rule) {
    case value_rule::root: return check_path(absolute_path(need.value));
    case value_rule::file_to_read: return check_readable_file(need.value);
    case value_rule::file_to_write: return check_writable_file(need.value);
    case value_rule::directory: return check_directory(need.value);
    case value_rule::socket_address:
    case value_rule::door_address: return check_socket(need.value);
    case value_rule::command_line:
      return need.key.ends_with("[0]") ? check_program(need.value) : result<void>{};
    default: return {};
  }
}

void complain(mistake_list& mistakes, const std::string& key, std::string_view value,
  const error& why, bool names_value) {
  mistakes.add(key, why.text + (names_value ? "" : ": \"" + shown(value) + '"'), why.code);
}

/// What the files hold, and that they belong together.
void check_certificates(
  mistake_list& mistakes, const std::string& key, const tls_options& files, tls_use use) {
  const auto identity = tls_identity::load(files, use);
  if (identity)
    return;
  auto lines = std::istringstream{identity.error().text};
  for (auto line = std::string{}; std::getline(lines, line);)
    mistakes.add(key, line);
}

/// What the sinks themselves would say at their start.
void check_sinks(
  mistake_list& mistakes, const std::string& key, const std::vector<emitter_options>& emit) {
  for (std::size_t i = 0; i < emit.size(); ++i) {
    const auto place = key + ".emit[" + std::to_string(i) + "]";
    const auto* link = std::get_if<link_options>(&emit[i].to);
    if (link != nullptr && link->wire == wire_policy::tls)
      check_certificates(mistakes, place + ".tls", link->tls, tls_use::to_dial);
    else if (const auto usable = check(emit[i]); !usable)
      mistakes.add(place, usable.error().text, usable.error().code);
  }
}

void check_machine(config_reading& reading) {
  for (const auto& need : reading.needs)
    if (const auto usable = check(need); !usable)
      complain(
        reading.mistakes, need.key, need.value, usable.error(), need.rule == value_rule::root);
  if (!reading.mistakes.empty())
    return;
  if (const auto& collect = reading.config.collect) {
    if (collect->options.wire == wire_policy::tls)
      check_certificates(reading.mistakes, "collect.tls", collect->options.tls, tls_use::to_listen);
    check_sinks(reading.mistakes, "collect", collect->emit);
  }
  for (std::size_t i = 0; i < reading.config.pipelines.size(); ++i) { // its backend too
    const auto& pipeline = reading.config.pipelines[i];
    check_sinks(reading.mistakes, "pipelines[" + std::to_string(i) + "]", pipeline.emit);
    for (auto root = pipeline.watch; const auto& path : pipeline.paths) {
      root.path = absolute_path(path);
      if (const auto usable = check_root(root); !usable)
        complain(reading.mistakes, "pipelines[" + std::to_string(i) + "].watch.backend", path,
          usable.error(), true);
    }
  }
}

} // namespace

result<node_config> load_config(const std::string& path) {
  if (const auto readable = check_readable_file(path); !readable)
    return failure(readable.error().code, shown(path, 4096) + ": " + readable.error().text);
  const auto text = read_small_file(path, json_limits{}.bytes_max);
  if (!text)
    return failure(errc::invalid_argument, shown(path, 4096) + ": it has more than "
                                             + std::to_string(json_limits{}.bytes_max)
                                             + " bytes, or cannot be read");
  auto reading = read_config(*text, shown(path, 4096));
  check_machine(reading);
  const auto mistakes = reading.mistakes.take();
  if (mistakes.empty())
    return std::move(reading.config);
  const auto of_file = [](const auto& x) { return x.code == errc::invalid_argument; };
  auto all = error{std::any_of(mistakes.begin(), mistakes.end(), of_file) ? errc::invalid_argument
                                                                          : mistakes.front().code,
    {}};
  for (const auto& mistake : mistakes)
    all.text += (all.text.empty() ? "" : "\n") + to_text(mistake);
  return tl::unexpected{std::move(all)};
}

} // namespace actors
