#pragma once

#include "actors/core/log_sampler.hpp"
#include "actors/net/acceptor.hpp"
#include "actors/net/peer_board.hpp"
#include "actors/protocol/source.hpp"
#include "actors/spool/event_archive.hpp"

#include <memory>
#include <string>
#include <vector>

namespace actors {

/// Takes in what links send, puts it into the archive, many batches in one transaction, and then
/// acknowledges it. Greets who comes, keeps heartbeats, passes answers on.
///
/// When the archive takes nothing (it is full, the disk is), nothing is acknowledged and no credit
/// granted: senders keep what they have, and are told that we live.
class receiver final : public source {
public:
  receiver(std::shared_ptr<meeting_place> where, std::shared_ptr<event_archive> into,
    std::string node, std::string version);

  void run(source_context& ctx) override;

private:
  /// What came and is not stored.
  struct pending {
    std::shared_ptr<peer> from;
    std::uint64_t number = 0;
    arrival what;
  };

  /// An error is the last thing the peer hears.
  using handled = tl::expected<void, refusal_frame>;

  void take_in(source_context& ctx);
  void drain(const std::shared_ptr<peer>& who, source_context& ctx);
  handled take(
    const std::shared_ptr<peer>& who, const wire_session::arrival& what, source_context& ctx);
  handled greet(const std::shared_ptr<peer>& who, const hello_frame& what, source_context& ctx);
  handled keep(const std::shared_ptr<peer>& who, const batch_frame& what);
  void store(source_context& ctx);
  void count(const std::vector<filed>& what);
  void acknowledge(time_point now);
  void look_after(source_context& ctx);
  std::string why_late(const peer& who, time_point now) const;
  void part(const std::shared_ptr<peer>& who, const std::string& why, source_context& ctx);
  void say_goodbye(time_point now);
  std::uint32_t credit() const;

  const std::shared_ptr<meeting_place> where_;
  const std::shared_ptr<event_archive> archive_;
  const std::string node_;
  const std::string version_;
  std::vector<pending> pending_;
  bool is_holding_ = false; ///< the archive takes nothing
  time_point next_try_{};   ///< while it holds
  time_point next_look_{};
  log_sampler refusals_;
};

} // namespace actors
