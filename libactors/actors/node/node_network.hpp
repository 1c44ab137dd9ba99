#pragma once

#include "actors/admin/door.hpp"
#include "actors/core/link_health.hpp"
#include "actors/net/acceptor.hpp"
#include "actors/net/link.hpp"
#include "actors/net/wire.hpp"
#include "actors/os/tls_identity.hpp"
#include "actors/runtime/log.hpp"
#include "actors/spool/event_archive.hpp"
#include "actors/spool/outbox.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace actors {

/// What a node has of the network: the wire, its links and collectors, and who answers the
/// questions of others. Costs nothing until the first link or collector. Thread-safe.
class node_network : public std::enable_shared_from_this<node_network> {
public:
  /// `answer` says what the node's doors would.
  explicit node_network(door_routes answer) : answer_{std::move(answer)} {}

  ~node_network() { end(); }
  node_network(const node_network&) = delete;
  node_network& operator=(const node_network&) = delete;

  /// Nothing is answered any more; returns when what answers has returned. Links that were left
  /// behind may keep this for longer than the node lives, which answers.
  void end();

  /// Made when it is first asked for.
  std::shared_ptr<wire> carrier();

  /// Where a link tells how it is, while somebody has it. `spool`: what is in front of it, if
  /// anything is.
  std::shared_ptr<link_board> add_link(std::shared_ptr<outbox> spool);

  void add_collector(
    const std::shared_ptr<meeting_place>& where, const std::shared_ptr<event_archive>& store);

  /// Answers what other nodes ask, on threads of its own. What comes when too much waits is
  /// answered 503; what nobody waits for any more when its turn comes is not answered, nor done.
  link_answerer answerer();

  /// Has a node that links to a collector of ours answer: 404 when none of that name ever did, 503
  /// when it does not now, 504 when it does not answer in time.
  door_answer ask(std::string_view node, const door_request& what);

  /// Those of collectors; links read theirs at every dial. What became of it is logged. An error:
  /// what is wrong with them, and the old ones stay.
  result<void> reload_certificates(const log_function& log);

  std::vector<link_health> links(time_point now) const;
  std::vector<peer_health> peers(time_point now) const;
  std::vector<collector_health> collectors() const;

private:
  struct known_link {
    std::weak_ptr<link_board> board;
    std::weak_ptr<outbox> spool;
  };
  struct known_collector {
    std::weak_ptr<meeting_place> where;
    std::weak_ptr<event_archive> store;
  };
  struct question {
    ask_frame what;
    std::function<void(const answer_frame&)> answer;
    time_point due;
  };

  /// A door has as many streams; people do not ask faster.
  static constexpr std::size_t questions_max = 64;

  /// Threads that answer, started as they are needed: one that waits for a node that is stuck, on
  /// behalf of another, holds up nobody else until there are so many.
  static constexpr std::size_t answering_max = 4;

  void take(ask_frame what, std::function<void(const answer_frame&)> answer);
  void answer_all();
  void answer(const question& next, std::chrono::milliseconds within) const;
  std::vector<std::shared_ptr<meeting_place>> places() const;

  const door_routes answer_;
  mutable std::mutex mutex_;
  std::shared_ptr<wire> wire_;
  std::vector<known_link> links_;
  std::vector<known_collector> collectors_;

  std::condition_variable question_came_;
  std::deque<question> questions_;
  bool has_ended_ = false;
  std::size_t idle_ = 0; ///< of those that answer
  std::vector<std::thread> answering_;
};

/// What works now and should be looked at: logged, a line each.
void tell_warnings(const tls_identity& of, const log_function& log);

} // namespace actors
