#pragma once

#include "actors/core/delivery_window.hpp"
#include "actors/core/link_options.hpp"
#include "actors/net/wire_session.hpp"
#include "actors/protocol/context.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace actors {

/// What travels in one frame: a batch, or a part of one.
struct link_piece {
  std::shared_ptr<const batch_origin> origin;
  std::string blob; ///< `batch_blob.hpp`
};

/// Answers a question of the other node, from any thread, at once or later, or never.
using link_answerer =
  std::function<void(const ask_frame& question, std::function<void(const answer_frame&)> answer)>;

/// Who links, and how it answers.
struct link_setup {
  link_options options;
  std::string node;  ///< our name
  std::string child; ///< "pipeline/child"
  std::string version;
  link_answerer answerer; ///< empty: questions are refused
};

/// The sender's side of one connection: the greeting, the window, heartbeats and deadlines,
/// questions. Not thread-safe; the time is given.
class link_session {
public:
  /// Says hello.
  link_session(const link_setup& setup, std::shared_ptr<wire_session> wire,
    delivery_window<link_piece>& window, time_point now);

  /// Says goodbye, unless the other end is gone.
  ~link_session();
  link_session(const link_session&) = delete;
  link_session& operator=(const link_session&) = delete;

  /// Takes in what came and sends what may be sent. How many of the oldest pieces are safe now. An
  /// error: the connection is lost, or of no use.
  result<std::size_t> advance(time_point now);

  /// When to advance it at the latest.
  time_point next_due() const;

  bool is_up() const { return is_up_; }
  bool has_been_answered() const { return last_ack_.has_value(); }
  std::optional<time_point> last_ack() const { return last_ack_; }
  const std::string& peer() const { return peer_; } ///< node and version, once it is up

private:
  result<void> take(const wire_session::arrival& what, time_point now, std::size_t& safe);
  result<void> on(const welcome_frame& what);
  result<void> on(const ack_frame& what, time_point now, std::size_t& safe);
  void on(const ask_frame& what);
  result<void> check_deadlines(time_point now) const;
  void send_pieces(time_point now);
  std::uint32_t index_of(const link_piece& piece);
  void send(std::string frame, time_point now);

  const link_setup& setup_;
  const std::shared_ptr<wire_session> wire_;
  delivery_window<link_piece>& window_;
  std::map<std::string, std::uint32_t> origins_; ///< by stream; what the other end was told
  const time_point began_;
  time_point last_sent_;
  std::optional<time_point> last_ack_;
  std::chrono::milliseconds patience_; ///< with a silent peer
  bool is_up_ = false;
  std::string peer_;
};

} // namespace actors
