#pragma once

#include "actors/core/nats_sink_options.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace actors {

/// One connection to a NATS server, and messages published over it to a stream, each answered. It
/// does not come back by itself: after an error, make another one.
///
/// Not thread-safe. Calls wait for the server, each no longer than `call_max`.
class nats_connection {
public:
  /// Of three in a row a sink can still end within its stop deadline, 5 s.
  static constexpr auto call_max = std::chrono::milliseconds{1500};

  /// Connects, and makes the stream when it is not there. Errors: unavailable, and what the server
  /// says.
  static result<std::unique_ptr<nats_connection>> open(const nats_sink_options& options);
  nats_connection(const nats_connection&) = delete;
  nats_connection& operator=(const nats_connection&) = delete;
  ~nats_connection();

  /// What a message may hold, in bytes.
  std::size_t message_bytes_max() const;

  struct message {
    std::uint64_t ticket = 0; ///< to tell its answer by; never used twice
    std::string subject;
    std::string id;     ///< what the server knows it by; empty: nothing
    std::string stream; ///< that must take it
    std::string_view bytes;
  };
  result<void> publish(const message& what);

  struct answer {
    std::uint64_t ticket = 0;
    bool is_stored = false;
    bool is_refused_for_good = false; ///< it will never be taken, as it is
    std::string trouble;
  };

  /// The next answer; nothing when none comes within that time.
  result<std::optional<answer>> next_answer(std::chrono::milliseconds within);

private:
  struct parts;
  explicit nats_connection(std::unique_ptr<parts> all);

  std::unique_ptr<parts> parts_;
};

/// What a url may show of itself: no user, password or token.
std::string shown_nats_url(const std::string& url);

} // namespace actors
