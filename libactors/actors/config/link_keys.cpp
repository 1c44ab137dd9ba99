#include "actors/config/option_keys.hpp"

namespace actors {

using namespace std::chrono_literals;

void describe(key_visitor& keys, tls_options& options) {
  keys.text("ca", options.ca_file, value_rule::file_to_read,
    "Certificates (PEM) of those who may have signed the other end's.");
  keys.text("cert", options.certificate_file, value_rule::file_to_read,
    "Our own certificate (PEM), and those between it and its signer.");
  keys.text("key", options.key_file, value_rule::file_to_read,
    "The key (PEM) that belongs to it, not encrypted.");
}

void describe(key_visitor& keys, link_options& options) {
  auto address = std::string{};
  auto fallback = std::vector<std::string>{};
  keys.text("address", address, value_rule::dial_address,
    "The collector: `HOST:PORT` or `unix:/path`.", key_visitor::presence::required);
  keys.texts("fallback", fallback, value_rule::dial_address,
    "Other collectors, tried in this order at every dial when `address` does not welcome us.");
  options.addresses = {address};
  options.addresses.insert(options.addresses.end(), fallback.begin(), fallback.end());
  keys.object("tls", "Who we are to the collector, and who it must be.",
    [&](key_visitor& inside) { describe(inside, options.tls); });
  auto in_the_clear = options.wire == wire_policy::insecure_loopback;
  keys.flag("insecure_loopback", in_the_clear,
    "Speak in the clear, without certificates; refused for addresses that are not of this "
    "machine.");
  options.wire = in_the_clear ? wire_policy::insecure_loopback : wire_policy::tls;
  keys.text("server_name", options.server_name, value_rule::any,
    "The name that the collector's certificate must have. Without this key, the host of "
    "`address`.");
  keys.number("window", options.window, 1, 256,
    "Batches on their way that are not acknowledged: 8 to 32 fill a LAN, and each may be 256 KiB.");
  keys.millis("connect_timeout_ms", options.connect_timeout, 1ms, 10min,
    "For each address, from the dial to the welcome.");
  keys.millis("retry_base_ms", options.retry_base, 1ms, 1h,
    "Between dials, doubled each time, any part of it by chance; for ever.");
  keys.millis("retry_max_ms", options.retry_max, 1ms, 24h, "But no longer.");
  keys.millis("heartbeat_ms", options.heartbeat, 10ms, 1h, "Something is sent so often.");
  keys.millis("deadline_ms", options.deadline, 20ms, 24h,
    "An end that was not heard for so long, or does not acknowledge, is taken for lost.");
  keys.texts("observe", options.observe, value_rule::any,
    "Names of certificates: collectors that may ask this node for its health. Without this key "
    "`*`, all; `[]`: nobody.");
  keys.texts("control", options.control, value_rule::any,
    "The same, for those that may restart its children, change its roots, stop it. None unless "
    "named.");
}

} // namespace actors
