#include "actors/node/node_network.hpp"

#include "actors/os/socket_breaker.hpp"

#include <algorithm>
#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// For another node to answer: it may have to ask its supervisors, which have a second.
constexpr auto answer_patience = 5s;

/// For another node to do something: a pipeline that starts anew drains first.
constexpr auto order_patience = 30s;

/// What is asked for somebody else is answered a little earlier than that one gives up: it should
/// be told which of the nodes on the way was silent.
constexpr auto kept_for_the_way = 5; ///< a fifth

constexpr auto plain = "text/plain; charset=utf-8";

/// What another node says is data, whatever it says it is: no browser may take it for a page of
/// this door.
std::string data_type(const std::string& said) {
  return said == "application/json" || said.starts_with("text/plain") ? said : std::string{plain};
}

std::chrono::milliseconds patience_for(const door_request& what) {
  const auto usual = std::chrono::milliseconds{
    what.method == "GET" ? answer_patience : std::chrono::seconds{order_patience}};
  return what.within ? std::clamp(*what.within - *what.within / kept_for_the_way, 1ms, usual)
                     : usual;
}

int status_of(errc code) {
  switch (code) {
    case errc::not_found: return 404;
    case errc::timed_out: return 504;
    default: return 503;
  }
}

} // namespace

void node_network::end() {
  auto ending = std::vector<std::thread>{};
  {
    const auto held = std::scoped_lock{mutex_};
    has_ended_ = true;
    ending.swap(answering_);
    question_came_.notify_all();
  }
  for (auto& each : ending)
    each.join();
}

std::shared_ptr<wire> node_network::carrier() {
  const auto held = std::scoped_lock{mutex_};
  if (!wire_)
    wire_ = std::make_shared<wire>();
  return wire_;
}

std::shared_ptr<link_board> node_network::add_link(std::shared_ptr<outbox> spool) {
  auto board = std::make_shared<link_board>();
  const auto held = std::scoped_lock{mutex_};
  std::erase_if(links_, [](const auto& x) { return x.board.expired(); });
  links_.push_back({board, spool});
  return board;
}

void node_network::add_collector(
  const std::shared_ptr<meeting_place>& where, const std::shared_ptr<event_archive>& store) {
  const auto held = std::scoped_lock{mutex_};
  std::erase_if(collectors_, [](const auto& x) { return x.where.expired(); });
  collectors_.push_back({where, store});
}

// -- answering ------------------------------------------------------------------------------------

link_answerer node_network::answerer() {
  return [network = weak_from_this()](
           const ask_frame& what, std::function<void(const answer_frame&)> answer) {
    if (const auto there = network.lock())
      there->take(what, std::move(answer));
  };
}

void node_network::take(ask_frame what, std::function<void(const answer_frame&)> answer) {
  const auto due = std::chrono::steady_clock::now() + what.within;
  const auto held = std::scoped_lock{mutex_};
  if (has_ended_ || questions_.size() >= questions_max)
    return answer({what.id, 503, plain, "this node is asked more than it can answer\n"});
  questions_.push_back({std::move(what), std::move(answer), due});
  if (idle_ < questions_.size() && answering_.size() < answering_max)
    answering_.emplace_back([this] { answer_all(); });
  question_came_.notify_one();
}

/// A door waits for supervisors, up to a second: no link should.
void node_network::answer_all() {
  block_signals();
  auto held = std::unique_lock{mutex_};
  for (;;) {
    ++idle_;
    question_came_.wait(held, [&] { return has_ended_ || !questions_.empty(); });
    --idle_;
    if (has_ended_)
      return;
    const auto next = std::move(questions_.front());
    questions_.pop_front();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      next.due - std::chrono::steady_clock::now());
    if (left <= 0ms)
      continue;
    held.unlock();
    answer(next, left);
    held.lock();
  }
}

void node_network::answer(const question& next, std::chrono::milliseconds within) const {
  auto request = door_request{next.what.method, next.what.path, {}, within};
  for (const auto& [key, value] : next.what.query)
    request.query.emplace(key, value);
  auto said = door_answer{};
  try {
    said = answer_(request);
  } catch (const std::exception&) { // what went wrong is not for whoever asks
    said = {500, plain, "the answer could not be made\n"};
  }
  if (said.next)
    said = {501, plain, "streams are not carried over links; ask the node itself\n"};
  next.answer({next.what.id, static_cast<std::uint16_t>(said.status), said.content_type,
    std::move(said.body)});
  try {
    if (said.then)
      said.then();
  } catch (const std::exception&) { // no descriptor, thread or memory left: its health tells
  }
}

// -- asking ---------------------------------------------------------------------------------------

std::vector<std::shared_ptr<meeting_place>> node_network::places() const {
  const auto held = std::scoped_lock{mutex_};
  auto all = std::vector<std::shared_ptr<meeting_place>>{};
  for (const auto& each : collectors_)
    if (auto where = each.where.lock())
      all.push_back(std::move(where));
  return all;
}

door_answer node_network::ask(std::string_view node, const door_request& what) {
  auto last = door_answer{
    404, plain, "this node collects nothing: only a collector can be asked for other nodes\n"};
  const auto patience = patience_for(what);
  for (const auto& where : places()) {
    auto asked = ask_frame{0, patience, what.method, what.path, {}};
    for (const auto& [key, value] : what.query)
      asked.query.emplace_back(key, value);
    if (!is_askable(asked))
      return {400, plain,
        "that cannot be asked over a link: it is too long, or has control "
        "characters\n"};
    auto answer = where->board->ask(node, std::move(asked), patience);
    if (answer)
      return {answer->status < 200 ? 502 : answer->status, data_type(answer->content_type),
        std::move(answer->body)};
    const auto& why = answer.error();
    if (why.code != errc::not_found || last.status == 404)
      last = {status_of(why.code), plain, why.text + "\n"};
    if (why.code == errc::timed_out || why.code == errc::closed)
      break; // it was asked, and may have done it
  }
  return last;
}

// -- certificates ---------------------------------------------------------------------------------

void tell_warnings(const tls_identity& of, const log_function& log) {
  for (const auto& text : of.warnings())
    log({log_level::warning, "certificate_warning", {{"reason", text}}});
}

result<void> node_network::reload_certificates(const log_function& log) {
  auto mistakes = std::string{};
  for (const auto& where : places()) {
    if (where->options.wire != wire_policy::tls)
      continue;
    if (const auto done = where->identity.load(where->options.tls); !done) {
      log({log_level::error, "certificates_refused",
        {{"collector", where->address}, {"reason", done.error().text}}});
      mistakes += (mistakes.empty() ? "" : "\n") + done.error().text;
      continue;
    }
    log({log_level::info, "certificates_reloaded", {{"collector", where->address}}});
    tell_warnings(*where->identity.get(), log);
  }
  if (!mistakes.empty())
    return failure(errc::invalid_argument, mistakes);
  return {};
}

// -- health ---------------------------------------------------------------------------------------

std::vector<link_health> node_network::links(time_point now) const {
  const auto held = std::scoped_lock{mutex_};
  auto all = std::vector<link_health>{};
  for (const auto& each : links_) {
    const auto board = each.board.lock();
    if (!board)
      continue;
    auto health = board->read(now);
    if (health.child.empty())
      continue; // it has not begun
    if (const auto spool = each.spool.lock())
      health.spool_bytes = spool->size().bytes;
    std::erase_if(all, [&](const auto& x) { return x.child == health.child; });
    all.push_back(std::move(health)); // of a pipeline that started anew: the later one
  }
  return all;
}

std::vector<peer_health> node_network::peers(time_point now) const {
  auto all = std::vector<peer_health>{};
  for (const auto& where : places()) {
    auto some = where->board->peers(now);
    all.insert(
      all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return all;
}

std::vector<collector_health> node_network::collectors() const {
  const auto held = std::scoped_lock{mutex_};
  auto all = std::vector<collector_health>{};
  for (const auto& each : collectors_) {
    const auto where = each.where.lock();
    const auto store = each.store.lock();
    if (!where || !store)
      continue;
    const auto& counted = where->board->counted;
    const auto extent = store->size();
    all.push_back({where->address, counted.handshakes, counted.accepted, counted.refused,
      counted.evicted, extent.records, extent.bytes, where->board->trouble()});
  }
  return all;
}

} // namespace actors
