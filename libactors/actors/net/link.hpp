#pragma once

#include "actors/core/link_health.hpp"
#include "actors/net/link_dialer.hpp"
#include "actors/net/link_session.hpp"
#include "actors/net/wire.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/protocol/outage.hpp"
#include "actors/protocol/sink.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace actors {

/// What a link says of itself, for health. Thread-safe; shared by all incarnations of a link and
/// whoever asks.
class link_board {
public:
  struct entry {
    link_health health; ///< but for the spans
    time_point since{};
    std::optional<time_point> last_ack;
    std::optional<time_point> next_try;
  };
  void publish(entry now);
  link_health read(time_point now) const;

private:
  mutable std::mutex mutex_;
  entry entry_;
};

/// Where a batch was made.
using origin_of = std::function<std::shared_ptr<const batch_origin>(const event_batch&)>;

/// Sends batches to a collector on another node, and lets go of each when it is acknowledged: so
/// nothing is lost while this process lives, and with a spool in front of it, when it does not.
/// Dials for ever. Several batches are on their way at a time; a stopped collector costs a window
/// of them, and then the mailbox is full.
class link final : public sink {
public:
  /// Requires options that `check` lets pass, and that `carrier` outlives it.
  link(link_setup setup, origin_of origin, std::shared_ptr<wire> carrier,
    std::shared_ptr<link_board> board);
  ~link() override;

  release_mode releases() const override { return release_mode::manual; }
  int news_descriptor() const override { return news_->descriptor(); }
  std::optional<time_point> next_due() const override;

  void on_start(sink_context& ctx) override;
  void offer(const event_batch& batch, sink_context& ctx) override;
  void tend(sink_context& ctx) override { advance(ctx); }

private:
  std::vector<link_piece> cut(const event_batch& batch, sink_context& ctx);
  void advance(sink_context& ctx);
  void open(const link_dialer::answered& what, sink_context& ctx);
  void go_on(sink_context& ctx);
  void release(std::size_t pieces, sink_context& ctx);
  void lose(const std::string& why, sink_context& ctx);
  void publish(time_point now);
  link_state state() const;

  const link_setup setup_;
  const origin_of origin_of_;
  const std::shared_ptr<wire> wire_;
  const std::shared_ptr<link_board> board_;
  const link_health before_; ///< what earlier incarnations counted
  const std::shared_ptr<wake_event> news_ = std::make_shared<wake_event>();

  delivery_window<link_piece> window_;
  std::deque<std::size_t> completes_; ///< for each piece in the window: offers that end with it
  link_dialer dialer_;
  bool is_dialling_ = false;
  std::unique_ptr<link_session> session_;
  bool was_up_ = false; ///< in this session
  outage outage_;
  time_point next_dial_{};
  link_board::entry known_;
  link_state last_state_ = link_state::waiting;
};

} // namespace actors
