#pragma once

#include "actors/core/tls_options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace actors {

/// Whether the bytes between two nodes may go in the clear.
enum class wire_policy : std::uint8_t {
  tls,               ///< TLS 1.3, both ends with a certificate
  insecure_loopback, ///< in the clear; refused for an address that another machine could reach
};

/// Which names, of certificates, may do something at this node. In the clear the other end has the
/// name "loopback".
using peer_names = std::vector<std::string>;

/// Records are sent to a collector on another node, which acknowledges what it has stored.
struct link_options {
  /// "HOST:PORT", the host a number or a name, or "unix:/path"; tried in this order at every dial,
  /// until one welcomes us.
  std::vector<std::string> addresses;

  wire_policy wire = wire_policy::tls; ///< in the clear only where nobody else can listen
  tls_options tls;                     ///< who we are; required with `wire_policy::tls`

  /// The name that the collector's certificate must have; empty: the host of the address.
  std::string server_name;

  /// Batches on their way, not acknowledged. 8 to 32 fill a LAN (docs/distribution.md has the
  /// numbers); each may be 256 KiB.
  std::size_t window = 16;

  std::chrono::milliseconds connect_timeout{5'000}; ///< for each address: to the welcome

  /// Between dials, doubled from one to the other, any part of it by chance; for ever. Back at
  /// `retry_base` once something was acknowledged.
  std::chrono::milliseconds retry_base{100};
  std::chrono::milliseconds retry_max{30'000}; ///< but no longer

  /// Something is sent so often. An end that has not heard from the other for `deadline`, or is
  /// not acknowledged what it sent, takes the connection for lost.
  std::chrono::milliseconds heartbeat{1'000};
  std::chrono::milliseconds deadline{10'000}; ///< three heartbeats may be lost in it, and more

  /// Who, of the collectors we link to, may ask this node for its health ("*": whoever was let in)
  /// and who may restart its children, change its roots, stop it.
  peer_names observe{"*"};
  peer_names control; ///< nobody, unless named

  friend bool operator==(const link_options&, const link_options&) = default;
};

} // namespace actors
