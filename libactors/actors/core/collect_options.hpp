#pragma once

#include "actors/core/link_options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace actors {

/// Records are received from links of other nodes and stored, each once.
struct collect_options {
  std::string listen; ///< "HOST:PORT", the host a number, or "unix:/path"
  std::string store;  ///< an SQLite file; docs/distribution.md has its tables

  /// When the store is so large, nothing more is acknowledged: senders keep what they have. 0: no
  /// bound but the disk.
  std::uint64_t store_bytes_max = 64ULL * 1024 * 1024 * 1024;

  wire_policy wire = wire_policy::tls; ///< in the clear only where nobody else can listen
  tls_options tls;                     ///< who we are; required with `wire_policy::tls`

  /// Who may link to us: names of certificates. None: nobody. "*": whoever our CA has signed.
  peer_names allow;

  /// Links at a time. Each may have a window of batches on its way.
  std::size_t peers_max = 1'024;

  /// Connections that have yet to show who they are. When one more comes, the one that has taken
  /// longest is closed.
  std::size_t handshakes_max = 128;
  std::chrono::milliseconds handshake_timeout{5'000}; ///< for that, however slowly it comes

  /// Memory for what has come and is not stored yet: the windows of all links share it.
  std::uint64_t inbox_bytes_max = 64ULL * 1024 * 1024;

  std::chrono::milliseconds heartbeat{1'000}; ///< as in `link_options`
  std::chrono::milliseconds deadline{10'000}; ///< the same

  friend bool operator==(const collect_options&, const collect_options&) = default;
};

} // namespace actors
