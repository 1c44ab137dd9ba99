#pragma once

#include "actors/core/collect_options.hpp"
#include "actors/net/peer.hpp"
#include "actors/net/wire.hpp"
#include "actors/os/wake_event.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// Who is linked to this collector, and who was: shared by the acceptor, which adds, the receiver,
/// which works with them, and the doors, which ask. Thread-safe.
class peer_board : public std::enable_shared_from_this<peer_board> {
public:
  peer_board(collect_options options, std::shared_ptr<wire> carrier)
    : options_{std::move(options)}, wire_{std::move(carrier)} {}

  // -- for the acceptor

  /// Errors: full (as many links as there may be, and all of them have greeted), limit_reached.
  result<void> admit(std::shared_ptr<peer_stream> stream, time_point now);

  struct counts {
    std::atomic<std::size_t> handshakes{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> evicted{0};
  } counted;

  // -- for the receiver

  /// Readable when there is news of somebody.
  int news_descriptor() const { return news_.descriptor(); }
  std::vector<std::shared_ptr<peer>> take_ready();
  std::vector<std::shared_ptr<peer>> all() const;
  std::size_t count() const;

  /// It has said who it is. Another connection of the same link is cut when it is half dead; one
  /// that lives is a twin, two processes of one name, and is served too: their records are known by
  /// their streams. An error: a node of that name is linked, and has another certificate.
  result<void> greeted(const std::shared_ptr<peer>& who, const hello_frame& what, time_point now);

  /// What it brought.
  void stored(const peer& who, std::uint64_t batches, std::uint64_t records,
    std::uint64_t duplicates, std::uint64_t gaps);

  void remove(const std::shared_ptr<peer>& who, const std::string& why, time_point now);

  /// An answer came. One to a question that somebody else was asked is nothing.
  void answered(const peer& who, answer_frame what);

  void set_trouble(std::string what);

  /// To be called now and then.
  void tidy() { wire_->tidy(); }

  // -- for the doors

  /// Asks the node of that name, and waits for the answer. Errors: not_found (never seen),
  /// unavailable (it is not linked now), closed (it was lost before it answered), timed_out, full
  /// (too many wait for answers).
  result<answer_frame> ask(
    std::string_view node, ask_frame question, std::chrono::milliseconds within);

  std::vector<peer_health> peers(time_point now) const;
  std::string trouble() const;

private:
  /// A link that is known; kept when its connection is gone, so that it is missed.
  struct known_link {
    peer_health health; ///< but for the spans
    time_point since{};
    std::shared_ptr<peer> up; ///< none: it is gone
  };

  struct open_question {
    std::shared_ptr<wire_session> asked;
    std::optional<answer_frame> answer;
    std::optional<std::string> lost; ///< why there will be none
  };

  static std::string key_of(const peer& who);
  known_link* find(const peer& who);
  void forget_oldest();

  /// Links that are remembered, up or not. 300 bytes each; beyond, the one that is gone longest
  /// is forgotten.
  static constexpr std::size_t known_max = 16'384;

  /// Questions that wait for their answer. A door has few threads.
  static constexpr std::size_t questions_max = 256;

  const collect_options options_;
  const std::shared_ptr<wire> wire_;

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<peer>> peers_;
  std::map<std::string, known_link> known_; ///< by node and link
  std::string trouble_;

  std::mutex ready_mutex_; ///< taken last: news may come while the other one is held
  std::vector<std::shared_ptr<peer>> ready_;
  wake_event news_;

  std::condition_variable answer_came_;
  std::uint64_t next_question_ = 1;
  std::map<std::uint64_t, open_question> questions_; ///< by id
};

} // namespace actors
