#pragma once

#include "actors/os/tls_identity.hpp"
#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// What a handshake wants next.
enum class stream_step : std::uint8_t { done, wants_read, wants_write };

/// A connected socket between two nodes, with TLS or in the clear, that never blocks and never
/// raises SIGPIPE. Not thread-safe: one thread at a time.
///
/// Deadlines are the caller's: it polls descriptor() and gives up when it likes.
class peer_stream {
public:
  enum class end : std::uint8_t { accepted, dialled };

  /// With an identity it speaks TLS, and takes only who shows a certificate of its authorities with
  /// a name in it; a dialled one that has `expected_name` among its names (a DNS name, which is
  /// also sent as SNI, or an IP address; empty: any). Without, bytes go as they are.
  static result<std::shared_ptr<peer_stream>> over(unique_fd socket, end which,
    std::shared_ptr<const tls_identity> identity, const std::string& expected_name = {});

  /// Tells the other end that there is no more, if that can be said at once, and closes.
  ~peer_stream();
  peer_stream(const peer_stream&) = delete;
  peer_stream& operator=(const peer_stream&) = delete;

  /// To be called until it is done, and before all else. Errors: permission_denied (a certificate
  /// that we refuse, or ours was refused), not_supported (no TLS 1.3 there), closed, system. After
  /// one there is nothing left to do but to close.
  ///
  /// `done` at the dialled end does not yet say that we were let in: TLS 1.3 lets it send before
  /// the other end has looked at its certificate. A refusal then comes as an error of read() or
  /// write().
  result<stream_step> shake_hands();

  /// How many bytes came; 0: it would block. Errors: closed (the other end has said that there is
  /// no more), permission_denied (it refused our certificate), system (among them: it was cut).
  result<std::size_t> read(std::span<char> into);

  /// How many bytes were taken, maybe fewer than all; 0: it would block, and then the next call
  /// must begin with the same bytes, as some may be on their way. Errors: as of read().
  result<std::size_t> write(std::string_view bytes);

  /// Bytes wait in here, of which poll(2) knows nothing.
  bool holds_input() const;

  /// Tells the other end that there is no more from us; what it sends can still be read. Said at
  /// once or not at all.
  void say_end();

  /// Who the other end is, after the handshake: the names of its certificate. In the clear it is
  /// "loopback".
  const std::vector<std::string>& peer_names() const { return peer_names_; }

  int descriptor() const { return socket_.get(); }
  bool is_tls() const { return tls_ != nullptr; }

private:
  struct tls;

  peer_stream(unique_fd socket, std::unique_ptr<tls> session);

  unique_fd socket_;
  std::unique_ptr<tls> tls_; ///< none: in the clear
  std::vector<std::string> peer_names_;
};

} // namespace actors
