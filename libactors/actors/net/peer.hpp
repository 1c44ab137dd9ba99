#pragma once

#include "actors/core/arrival_order.hpp"
#include "actors/core/batch_origin.hpp"
#include "actors/core/link_health.hpp"
#include "actors/net/wire_session.hpp"
#include "actors/protocol/context.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <optional>

namespace actors {

/// One link to this collector, while its connection lasts. Only the receiver touches what is not
/// marked.
struct peer {
  explicit peer(time_point at) : admitted{at}, last_sent{at} {}

  const time_point admitted;
  std::shared_ptr<wire_session> wire;   ///< any thread; set before anybody else has the peer
  std::atomic<bool> is_ready{false};    ///< any thread: it is among those with news
  std::atomic<bool> has_greeted{false}; ///< any thread

  std::optional<hello_frame> hello;
  arrival_order order;
  std::map<std::uint32_t, std::shared_ptr<const batch_origin>> origins; ///< by index
  std::uint32_t credit = 0;                                             ///< that was granted last
  std::uint32_t credit_max = 0;                                         ///< that was ever granted
  time_point last_sent;
  bool owes_ack = false;
  bool has_said_goodbye = false;
  bool has_twin = false;  ///< another process of that name was linked when it came
  bool is_parted = false; ///< what still comes of it is nothing to us

  bool send(std::string frame, time_point now) {
    last_sent = now;
    return wire->send(std::move(frame));
  }
};

} // namespace actors
