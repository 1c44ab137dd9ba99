#include "actors/config/option_keys.hpp"

#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// A link is the collector's own identity on its way to the next one, unless it says otherwise.
void describe_forward(key_visitor& keys, collect_config& config) {
  const auto& own = config.options;
  auto address = std::string{};
  auto link = link_options{};
  keys.text_or_object("forward", address, value_rule::dial_address,
    "Another collector, to which everything is sent too: its address, or the keys of a sink "
    "`\"to\": \"node\"`. If it gives neither `tls` nor `insecure_loopback`, those of the collector "
    "are used. It is a sink named `forward`.",
    [&](key_visitor& inside) { describe(inside, link); });
  if (!keys.has("forward"))
    return;
  if (!address.empty())
    link.addresses = {address};
  if (!link.tls.is_given() && link.wire == wire_policy::tls) {
    link.wire = own.wire;
    link.tls = own.tls;
  }
  config.emit.push_back({"forward", std::move(link), {}, {}});
}

} // namespace

void describe(key_visitor& keys, collect_config& config) {
  using presence = key_visitor::presence;
  auto& options = config.options;
  keys.text("listen", options.listen, value_rule::door_address,
    "Where links of other nodes come in.", presence::required);
  keys.text("store", options.store, value_rule::file_to_write,
    "An SQLite file: every record is in it, once, before it is acknowledged.", presence::required);
  keys.mebibytes("store_mb", options.store_bytes_max, 1, 100'000'000,
    "When it is so large, nothing more is acknowledged, and the senders keep what they have.");
  keys.object("tls", "Who we are to those that link, and who may be one of them.",
    [&](key_visitor& inside) { describe(inside, options.tls); });
  keys.texts("allow", options.allow, value_rule::any,
    "Names of certificates that may link. `*`: all that `tls.ca` has signed. Must be given with "
    "`tls`.");
  auto in_the_clear = options.wire == wire_policy::insecure_loopback;
  keys.flag("insecure_loopback", in_the_clear,
    "Speak in the clear, without certificates; refused when other machines reach `listen`.");
  options.wire = in_the_clear ? wire_policy::insecure_loopback : wire_policy::tls;
  keys.number("peers_max", options.peers_max, 1, 100'000, "Links at a time.");
  keys.number("handshakes_max", options.handshakes_max, 1, 10'000,
    "Connections that have yet to show who they are. One more, and the one that has taken longest "
    "is closed.");
  keys.millis("handshake_timeout_ms", options.handshake_timeout, 10ms, 10min,
    "For a connection to show who it is.");
  keys.mebibytes("inbox_mb", options.inbox_bytes_max, 1, 100'000,
    "Memory for what has come and is not stored yet: the windows of all links share it.");
  keys.millis("heartbeat_ms", options.heartbeat, 10ms, 1h, "Something is sent so often.");
  keys.millis("deadline_ms", options.deadline, 20ms, 24h,
    "A link that was not heard for so long is taken for lost.");
  describe_emitters(keys, config.emit, mailbox_limits{},
    "Where the records go besides the store: each sink gets all of them, and goes on where it was "
    "in the last run.",
    presence::optional);
  describe_forward(keys, config);
}

} // namespace actors
