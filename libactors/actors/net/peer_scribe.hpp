#pragma once

#include "actors/os/peer_stream.hpp"

#include <caf/io/scribe.hpp>

#include <memory>

namespace caf::io::network {
class default_multiplexer;
}

namespace actors {

/// What a CAF broker reads and writes through: a connection that we made, with TLS or without. CAF
/// documents brokers, but not how to give them a socket of one's own: this file is the only one
/// that knows (caf/io/network/stream_impl.hpp at 0.17.6).
///
/// The stream must have shaken hands. Only the multiplexer's thread touches it from here on.
caf::io::scribe_ptr make_peer_scribe(
  caf::io::network::default_multiplexer& loop, std::shared_ptr<peer_stream> stream);

} // namespace actors
