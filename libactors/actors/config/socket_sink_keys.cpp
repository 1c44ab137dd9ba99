#include "actors/config/option_keys.hpp"

namespace actors {

namespace {

constexpr named_value<slow_reader> slow_words[] = {{"disconnect", slow_reader::disconnect},
  {"drop_oldest", slow_reader::drop_oldest}, {"hold", slow_reader::hold}};

} // namespace

void describe(key_visitor& keys, socket_sink_options& options) {
  keys.text("listen", options.listen, value_rule::door_address,
    "Readers that connect here get every record from then on. A unix socket is its owner's alone. "
    "Other than loopback needs a `token_file`: records name files.",
    key_visitor::presence::required);
  keys.number("readers_max", options.readers_max, 1, 10'000, "More are turned away.");
  keys.number("buffer_bytes_max", options.buffer_bytes_max, 65'536, 1LL << 30,
    "What waits for one reader; 4 MiB are some 30,000 records.");
  keys.choice("on_slow", options.on_slow, slow_words,
    "A reader whose buffer is full is let go, misses the oldest (`seq` tells it), or holds "
    "everybody up.");
  keys.text("token_file", options.token_file, value_rule::file_to_read,
    "Holds the token that a reader must send as its first line.");
}

} // namespace actors
