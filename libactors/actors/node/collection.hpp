#pragma once

#include "actors/core/collect_options.hpp"
#include "actors/node/node_network.hpp"
#include "actors/protocol/delivery_listener.hpp"
#include "actors/protocol/factory.hpp"
#include "actors/protocol/source.hpp"
#include "actors/runtime/log.hpp"

#include <memory>
#include <string>

namespace actors {

/// The parts of a pipeline that collects.
struct collection {
  factory<source> acceptor;
  factory<source> receiver;
  std::shared_ptr<event_archive> archive;
};

/// Opens the store, listens, reads the certificates. Errors: those of `check`, of
/// `event_archive::open`, unavailable (the address is in use).
result<collection> make_collection(const collect_options& options, const std::string& node,
  node_network& network, const log_function& log);

/// What feeds one sink from the archive.
struct collected_feed {
  factory<source> reader;
  std::shared_ptr<delivery_listener> cursor;
};

/// `consumer` is the name under which the archive remembers how far the sink has got.
result<collected_feed> make_feed(const std::shared_ptr<event_archive>& from,
  const std::string& consumer, event_archive::begin_at where, const log_function& log);

} // namespace actors
