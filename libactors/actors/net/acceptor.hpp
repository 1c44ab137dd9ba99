#pragma once

#include "actors/core/log_sampler.hpp"
#include "actors/net/peer_board.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/stream_address.hpp"
#include "actors/os/tls_identity.hpp"
#include "actors/protocol/source.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace actors {

/// Who a collector is, to those that dial it: exchanged while it runs. Thread-safe.
class shown_identity {
public:
  /// Reads the files again. An error leaves what is there.
  result<void> load(const tls_options& files);

  /// Nothing in the clear.
  std::shared_ptr<const tls_identity> get() const;

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const tls_identity> identity_;
};

/// What is wrong with these options, all at once: address, certificates, numbers.
result<void> check(const collect_options& options);

/// A place where connections come in. Kept while acceptors come and go.
struct meeting_place {
  collect_options options;
  shown_identity identity;
  unique_fd listener;  ///< listens already
  std::string address; ///< with the port it got
  std::shared_ptr<peer_board> board;
};

/// Lets in who shows a certificate of a name that is allowed, and speaks our protocol; all others
/// learn nothing, cost a descriptor for a few seconds, and never come near CAF. Any number of them
/// may be silent, slow or mad: when there are more than `handshakes_max`, the oldest goes.
class acceptor final : public source {
public:
  explicit acceptor(std::shared_ptr<meeting_place> where) : where_{std::move(where)} {}

  void run(source_context& ctx) override;

private:
  /// A connection that has yet to show who it is.
  struct guest {
    std::shared_ptr<peer_stream> stream;
    time_point due;
    bool has_shaken_hands = false;
    std::string to_send{};
    std::string came{};
    awaited::what wish = awaited::what::read;
  };
  enum class progress : std::uint8_t { waits, done, gone };

  void accept_all(source_context& ctx);
  void pause(const std::string& why, source_context& ctx);
  void go_on(source_context& ctx);
  progress step(guest& who, source_context& ctx);
  result<progress> try_step(guest& who);
  result<progress> exchange_prefaces(guest& who);
  result<void> let_in(guest& who, time_point now);
  void refuse(const guest& who, const error& why, source_context& ctx);
  void wait(source_context& ctx);

  const std::shared_ptr<meeting_place> where_;
  std::deque<guest> guests_; ///< the oldest first
  log_sampler refusals_;
  log_sampler failures_;                   ///< to accept
  std::optional<time_point> paused_until_; ///< nothing can be accepted before
};

} // namespace actors
