#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace actors {

/// Batches are posted to a server as NDJSON (application/x-ndjson) until it says 2xx.
struct http_sink_options {
  /// "http://host[:port]/path" or "https://...".
  std::string url;

  /// Headers besides ours, as "Name: value".
  std::vector<std::string> headers;

  /// A file with a token, sent as "Authorization: Bearer ..."; read for every post, so that it can
  /// be changed.
  std::string token_file;

  std::chrono::milliseconds connect_timeout{5'000}; ///< until there is a connection
  std::chrono::milliseconds timeout{30'000};        ///< from the request to the whole answer

  /// Between tries, doubled from one to the other, less up to a quarter by chance. For ever: what
  /// is not delivered holds the edge. `Retry-After` counts instead, up to an hour.
  std::chrono::milliseconds retry_base{500};
  std::chrono::milliseconds retry_max{60'000}; ///< the bound of the doubling

  /// Compared with the server's certificate: a file of PEM certificates; empty: those of the
  /// system.
  std::string ca_file;

  /// Whether the certificate is checked. Only for a first try.
  bool verify = true;

  friend bool operator==(const http_sink_options&, const http_sink_options&) = default;
};

} // namespace actors
