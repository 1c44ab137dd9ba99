#include "actors/config/option_keys.hpp"

namespace actors {

using namespace std::chrono_literals;

void describe(key_visitor& keys, nats_sink_options& options) {
  keys.text("url", options.url, value_rule::nats_url, "The server.");
  keys.text("stream", options.stream, value_rule::name,
    "The stream of JetStream; made when it is not there.");
  keys.text("subject", options.subject, value_rule::subject,
    "Records are published to SUBJECT.PIPELINE.TYPE.");
  keys.text(
    "credentials_file", options.credentials_file, value_rule::file_to_read, "As `nsc` makes them.");
  keys.millis("timeout_ms", options.timeout, 1ms, 10min, "For an acknowledgement.");
  keys.millis(
    "retry_base_ms", options.retry_base, 1ms, 1h, "Between tries, doubled each time; for ever.");
  keys.millis("retry_max_ms", options.retry_max, 1ms, 24h, "But no longer.");
}

} // namespace actors
