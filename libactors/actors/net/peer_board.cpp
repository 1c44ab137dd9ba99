#include "actors/net/peer_board.hpp"

#include <algorithm>
#include <utility>

namespace actors {

namespace {

using std::chrono::milliseconds;

/// What may wait here of one peer: more than any window that is granted (`receiver.cpp`) holds.
constexpr auto batches_bytes_max = std::size_t{20} * 1024 * 1024;

/// It was heard not long ago: no half-dead connection of a sender that has dialled again, but
/// another sender.
bool is_alive(const peer& who, time_point now) {
  return !who.wire->is_over()
         && now - who.wire->last_heard()
              < wire_session::heartbeats_missed_max * who.hello->heartbeat;
}

} // namespace

result<void> peer_board::admit(std::shared_ptr<peer_stream> stream, time_point now) {
  auto made = std::make_shared<peer>(now);
  {
    const auto held = std::scoped_lock{mutex_};
    if (peers_.size() >= options_.peers_max) { // whoever has not said who it is makes room
      const auto silent =
        std::find_if(peers_.begin(), peers_.end(), [](const auto& x) { return !x->has_greeted; });
      if (silent == peers_.end())
        return failure(errc::full, "there are " + std::to_string(peers_.size()) + " links already");
      (*silent)->wire->cut("another came, and it had not said who it is");
      peers_.erase(silent);
      ++counted.evicted;
    }
  }
  auto session = wire_->open(
    std::move(stream), batches_bytes_max, [board = weak_from_this(), who = std::weak_ptr{made}] {
      const auto there = board.lock();
      const auto whose = who.lock();
      if (!there || !whose || whose->is_ready.exchange(true))
        return;
      const auto held = std::scoped_lock{there->ready_mutex_};
      there->ready_.push_back(whose);
      there->news_.raise();
    });
  if (!session)
    return tl::unexpected{session.error()};
  const auto is_added = std::scoped_lock{mutex_, ready_mutex_};
  made->wire = std::move(*session);
  peers_.push_back(made);
  if (!made->is_ready.exchange(true)) // news that came before it had its wire was passed over
    ready_.push_back(made);
  news_.raise();
  return {};
}

std::vector<std::shared_ptr<peer>> peer_board::take_ready() {
  news_.lower();
  const auto held = std::scoped_lock{ready_mutex_};
  auto ready = std::vector<std::shared_ptr<peer>>{};
  for (auto& each : std::exchange(ready_, {})) {
    each->is_ready = false; // from here on, news makes it ready again
    if (each->wire)
      ready.push_back(std::move(each));
  }
  return ready;
}

std::vector<std::shared_ptr<peer>> peer_board::all() const {
  const auto held = std::scoped_lock{mutex_};
  return peers_;
}

std::size_t peer_board::count() const {
  const auto held = std::scoped_lock{mutex_};
  return peers_.size();
}

std::string peer_board::key_of(const peer& who) {
  return who.hello->node + '\n' + who.hello->link;
}

peer_board::known_link* peer_board::find(const peer& who) {
  if (!who.hello)
    return nullptr;
  const auto found = known_.find(key_of(who));
  return found == known_.end() ? nullptr : &found->second;
}

result<void> peer_board::greeted(
  const std::shared_ptr<peer>& who, const hello_frame& what, time_point now) {
  const auto& names = who->wire->peer_names();
  const auto held = std::scoped_lock{mutex_};
  for (const auto& [key, link] : known_)
    if (link.up && link.health.node == what.node && link.up->wire->peer_names() != names)
      return failure(errc::permission_denied,
        "node " + what.node + " is linked already, with the certificate of " + link.health.name
          + ": give each node a name of its own");
  who->hello = what;
  who->has_greeted = true;
  if (known_.size() >= known_max && find(*who) == nullptr)
    forget_oldest();
  auto& link = known_[key_of(*who)];
  who->has_twin = link.up && is_alive(*link.up, now);
  if (link.up && !who->has_twin)
    link.up->wire->cut("the same link has connected anew");
  link.up = who;
  link.since = now;
  auto& health = link.health;
  health.node = who->hello->node;
  health.link = who->hello->link;
  health.version = who->hello->program_version;
  health.address = who->wire->peer();
  health.name = who->wire->peer_names().empty() ? "" : who->wire->peer_names().front();
  health.is_up = true;
  health.last_error.clear();
  ++health.connects;
  return {};
}

void peer_board::forget_oldest() {
  auto oldest = known_.end();
  for (auto at = known_.begin(); at != known_.end(); ++at)
    if (!at->second.up && (oldest == known_.end() || at->second.since < oldest->second.since))
      oldest = at;
  if (oldest != known_.end())
    known_.erase(oldest);
}

void peer_board::stored(const peer& who, std::uint64_t batches, std::uint64_t records,
  std::uint64_t duplicates, std::uint64_t gaps) {
  const auto held = std::scoped_lock{mutex_};
  if (auto* link = find(who)) {
    link->health.batches += batches;
    link->health.records += records;
    link->health.duplicates += duplicates;
    link->health.gaps += gaps;
  }
}

void peer_board::remove(const std::shared_ptr<peer>& who, const std::string& why, time_point now) {
  const auto held = std::scoped_lock{mutex_};
  std::erase(peers_, who);
  for (auto& [id, open] : questions_)
    if (open.asked == who->wire)
      open.lost = why;
  answer_came_.notify_all();
  auto* link = find(*who);
  if (link == nullptr || link->up != who)
    return;
  const auto twin = std::find_if(peers_.begin(), peers_.end(),
    [&](const auto& x) { return x->hello && key_of(*x) == key_of(*who); });
  if (twin != peers_.end()) {
    link->up = *twin;
    return;
  }
  link->up.reset();
  link->since = now;
  link->health.is_up = false;
  link->health.last_error = why;
}

void peer_board::answered(const peer& who, answer_frame what) {
  const auto held = std::scoped_lock{mutex_};
  const auto found = questions_.find(what.id);
  if (found == questions_.end() || found->second.asked != who.wire)
    return; // nobody waits any more, or not for this one
  found->second.answer = std::move(what);
  answer_came_.notify_all();
}

void peer_board::set_trouble(std::string what) {
  const auto held = std::scoped_lock{mutex_};
  trouble_ = std::move(what);
}

std::string peer_board::trouble() const {
  const auto held = std::scoped_lock{mutex_};
  return trouble_;
}

result<answer_frame> peer_board::ask(
  std::string_view node, ask_frame question, std::chrono::milliseconds within) {
  const auto due = std::chrono::steady_clock::now() + within;
  auto held = std::unique_lock{mutex_};
  const known_link* known = nullptr;
  for (const auto& [key, link] : known_)
    if (link.health.node == node && (known == nullptr || link.up))
      known = &link;
  if (known == nullptr)
    return failure(errc::not_found, "no node " + std::string{node} + " has linked to this one");
  if (!known->up) {
    const auto gone = span_between(known->since, std::chrono::steady_clock::now());
    return failure(errc::unavailable, "node " + std::string{node} + " is unreachable for "
                                        + std::to_string(gone.count() / 1000)
                                        + " s: " + known->health.last_error);
  }
  if (questions_.size() >= questions_max)
    return failure(errc::full, "too many questions wait for answers");
  const auto wire = known->up->wire;
  const auto id = next_question_++;
  question.id = id;
  question.within = within;
  auto& waiting = questions_[id];
  waiting.asked = wire;
  held.unlock();
  const auto is_sent = wire->send(write_frame(question));
  held.lock();
  if (is_sent)
    answer_came_.wait_until(held, due, [&] { return waiting.answer || waiting.lost; });
  else
    waiting.lost = wire->why_over();
  auto [asked, answer, lost] = std::move(waiting);
  questions_.erase(id);
  if (answer)
    return std::move(*answer);
  if (lost)
    return failure(
      errc::closed, "node " + std::string{node} + " was lost before it answered: " + *lost);
  return failure(errc::timed_out, "node " + std::string{node} + " did not answer within "
                                    + std::to_string(within.count()) + " ms");
}

std::vector<peer_health> peer_board::peers(time_point now) const {
  const auto held = std::scoped_lock{mutex_};
  auto all = std::vector<peer_health>{};
  all.reserve(known_.size());
  for (const auto& [key, link] : known_) {
    auto& health = all.emplace_back(link.health);
    health.since = span_between(link.since, now);
    health.last_heard = link.up ? span_between(link.up->wire->last_heard(), now) : health.since;
  }
  return all;
}

} // namespace actors
