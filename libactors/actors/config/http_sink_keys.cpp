#include "actors/config/option_keys.hpp"

namespace actors {

using namespace std::chrono_literals;

void describe(key_visitor& keys, http_sink_options& options) {
  keys.text("url", options.url, value_rule::http_url,
    "Batches are posted there as NDJSON until it says 2xx.", key_visitor::presence::required);
  keys.texts("headers", options.headers, value_rule::header, "Besides those of the program.");
  keys.text("token_file", options.token_file, value_rule::file_to_read,
    "Its content is sent as `Authorization: Bearer`; read for every post, so that it can be "
    "changed.");
  keys.millis(
    "connect_timeout_ms", options.connect_timeout, 1ms, 10min, "Outlasts a lost packet or two.");
  keys.millis("timeout_ms", options.timeout, 1ms, 1h, "From the request to the whole answer.");
  keys.millis("retry_base_ms", options.retry_base, 1ms, 1h,
    "Between tries, doubled each time, less up to a quarter by chance; for ever. `Retry-After` "
    "counts instead.");
  keys.millis("retry_max_ms", options.retry_max, 1ms, 24h, "But no longer.");
  keys.text("ca_file", options.ca_file, value_rule::file_to_read,
    "Certificates (PEM) that may have signed the server's; otherwise those of the system.");
  keys.flag("verify", options.verify,
    "Check the server's certificate. Off only for a first try: anybody may listen.");
}

} // namespace actors
