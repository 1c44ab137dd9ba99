#include "actors/node/collection.hpp"

#include "actors/net/acceptor.hpp"
#include "actors/net/receiver.hpp"
#include "actors/node/node.hpp"
#include "actors/os/user_path.hpp"
#include "actors/spool/archive_reader.hpp"

#include <utility>

namespace actors {

result<collection> make_collection(const collect_options& options, const std::string& node,
  node_network& network, const log_function& log) {
  if (auto usable = check(options); !usable)
    return tl::unexpected{usable.error()};
  auto store = event_archive::open({absolute_path(options.store), options.store_bytes_max}, log);
  if (!store)
    return tl::unexpected{store.error()};
  auto where = std::make_shared<meeting_place>();
  where->options = options;
  if (options.wire == wire_policy::tls) {
    if (auto loaded = where->identity.load(options.tls); !loaded)
      return tl::unexpected{loaded.error()};
    tell_warnings(*where->identity.get(), log);
  }
  const auto address = stream_address::parse(options.listen);
  auto listener = address->listen();
  if (!listener)
    return tl::unexpected{listener.error()};
  where->listener = std::move(*listener);
  where->address = options.listen;
  if (!address->is_unix()) // port 0 has become one
    where->address = options.listen.substr(0, options.listen.rfind(':') + 1)
                     + std::to_string(port_of(where->listener));
  where->board = std::make_shared<peer_board>(options, network.carrier());
  network.add_collector(where, *store);
  return collection{[where] { return std::make_unique<acceptor>(where); },
    [where, store = *store, node] {
      return std::make_unique<receiver>(where, store, node, std::string{version()});
    },
    *store};
}

result<collected_feed> make_feed(const std::shared_ptr<event_archive>& from,
  const std::string& consumer, event_archive::begin_at where, const log_function& log) {
  const auto begin = from->cursor(consumer, where);
  if (!begin)
    return tl::unexpected{begin.error()};
  auto at = std::make_shared<archive_reader::position>(*begin);
  return collected_feed{[from, at] { return std::make_unique<archive_reader>(from, at); },
    std::make_shared<archive_cursor>(from, consumer, log)};
}

} // namespace actors
