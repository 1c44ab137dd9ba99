#pragma once

#include "actors/codec/link_frame.hpp"
#include "actors/os/peer_stream.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace actors {

/// One connection with another node whose ends know each other: frames go out, frames come in. Made
/// by a `wire`, whose thread does the reading and writing. Thread-safe.
///
/// What comes waits here until it is taken, within a bound that the peer must keep to: it is the
/// window it was given. What goes waits in the wire; it is bounded by what the callers send before
/// they are answered, and by `unsent_max`.
class wire_session {
public:
  struct arrival {
    frame_header header;
    std::string payload;
  };

  /// A peer that takes nothing, and is sent so much all the same, is given up.
  static constexpr std::uint64_t unsent_max = 32ULL * 1024 * 1024;

  /// Until `trust`, no frame may have a larger payload: for what is promised, memory is kept.
  static constexpr std::size_t stranger_payload_max = 8 * 1024;

  /// One lost heartbeat of the peer is no sign of anything; three in a row are.
  static constexpr auto heartbeats_missed_max = 3;

  /// `on_news` is called on the wire's thread when something came, or it is over; it must only
  /// leave a note.
  wire_session(std::shared_ptr<peer_stream> stream, std::size_t inbox_bytes_max,
    std::function<void()> on_news);

  /// False: it is over, and the frame goes nowhere.
  bool send(std::string frame);

  /// The next that came. Nothing: there is none now; then `is_over` says whether more may come.
  std::optional<arrival> take();

  bool is_over() const { return is_over_; }
  std::string why_over() const;

  /// It has said who it is: from here on its frames may be as large as their kind allows. To be
  /// called before it is told that it may go on.
  void trust() { payload_max_ = frame_payload_max; }

  /// When bytes came last.
  std::chrono::steady_clock::time_point last_heard() const;

  const std::vector<std::string>& peer_names() const { return stream_->peer_names(); }
  const std::string& peer() const { return address_; } ///< address, for people

  /// Sends what is still to be sent, then closes; at once after `linger_max`, when the other end
  /// does not take it, or keeps its end open.
  void finish();
  static constexpr std::chrono::seconds linger_max{2};

  /// Closes at once.
  void cut(const std::string& why);

  // -- for the wire

  struct outlet {
    std::function<void(std::string)> post; ///< a frame, to whoever writes
    std::function<void()> finish;
  };
  void attach(outlet to);

  /// Whether a frame of that size may come.
  bool may_come(const frame_header& header) const { return header.payload_size <= payload_max_; }

  /// False: the peer does not keep to its bound.
  bool take_in(const frame_header& header, std::string payload);
  void heard();
  void sent(std::uint64_t bytes);
  bool is_finishing() const { return is_finishing_; }
  bool lingers_too_long() const;
  bool has_unsent() const { return unsent_ > 0; }
  void say_end() { stream_->say_end(); }
  void over(const std::string& why);

private:
  const std::shared_ptr<peer_stream> stream_; ///< read and written by the wire's thread alone
  const std::string address_;
  const std::size_t inbox_bytes_max_;
  const std::function<void()> on_news_;
  outlet outlet_; ///< set before anybody else has the session

  mutable std::mutex mutex_;
  std::deque<arrival> inbox_;
  std::size_t inbox_bytes_ = 0;
  std::string why_over_;
  std::atomic<bool> is_over_{false};
  std::atomic<bool> is_finishing_{false};
  std::atomic<std::chrono::steady_clock::rep> finished_at_{0};
  std::atomic<std::uint64_t> unsent_{0};
  std::atomic<std::size_t> payload_max_{stranger_payload_max};
  std::atomic<std::chrono::steady_clock::rep> heard_at_;
};

} // namespace actors
