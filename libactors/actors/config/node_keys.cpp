#include "actors/config/option_keys.hpp"

#include <algorithm>

namespace actors {

namespace {

/// More than a machine has threads for.
constexpr std::size_t pipelines_max = 1'000;

} // namespace

void describe(key_visitor& keys, node_config& config) {
  keys.object("node", "The program as a whole.", [&](key_visitor& inside) {
    inside.text("name", config.name, value_rule::name, "In health, and to others.");
    inside.text("admin", config.admin, value_rule::socket_address,
      "The socket on which `actors status` and its kin ask. Without this key, one named after the "
      "process in $XDG_RUNTIME_DIR/actors, /run/actors (root) or /tmp/actors-UID.");
    inside.text("http", config.http.listen, value_rule::http_address,
      "Where health, metrics and the dashboard can be read over HTTP. Without this key, nowhere. "
      "Other than loopback needs `http_token_file`, `http_cert_file` and `http_key_file`.");
    inside.text("http_token_file", config.http.token_file, value_rule::file_to_read,
      "Holds the token that every request must bear (`Authorization: Bearer`).");
    inside.text("http_cert_file", config.http.certificate_file, value_rule::file_to_read,
      "The certificate (PEM) of the HTTP door; with it, it speaks TLS alone.");
    inside.text("http_key_file", config.http.key_file, value_rule::file_to_read,
      "The key (PEM) that belongs to it.");
  });
  using presence = key_visitor::presence;
  keys.objects(
    "pipelines", pipelines_max, "What the program does. There need be none beside a `collect`.",
    [&](key_visitor& inside, std::size_t index) {
      config.pipelines.resize(std::max(config.pipelines.size(), index + 1));
      describe(inside, config.pipelines[index]);
    },
    keys.has("collect") ? presence::optional : presence::required);
  keys.object(
    "collect", "What is received from links of other nodes, stored, and handed on.",
    [&](key_visitor& inside) { describe(inside, config.collect.emplace()); }, presence::optional);
}

} // namespace actors
