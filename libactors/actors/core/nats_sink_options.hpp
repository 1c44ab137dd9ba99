#pragma once

#include <chrono>
#include <string>

namespace actors {

/// Records are published to a stream of NATS JetStream, each acknowledged, with a message id by
/// which the server leaves out what it has already.
struct nats_sink_options {
  std::string url = "nats://127.0.0.1:4222"; ///< of the server
  std::string stream = "actors";             ///< made if it is not there
  std::string subject = "actors";            ///< SUBJECT.PIPELINE.TYPE
  std::string credentials_file;              ///< empty: none

  std::chrono::milliseconds timeout{5'000};    ///< for an acknowledgement
  std::chrono::milliseconds retry_base{500};   ///< until the second try; doubled each time
  std::chrono::milliseconds retry_max{60'000}; ///< the bound of the doubling

  friend bool operator==(const nats_sink_options&, const nats_sink_options&) = default;
};

} // namespace actors
