#include "actors/net/link.hpp"

#include "actors/codec/batch_blob.hpp"
#include "actors/core/batch_builder.hpp"
#include "actors/core/time_point.hpp"
#include "actors/os/poll.hpp"

#include <algorithm>
#include <utility>

namespace actors {

namespace {

using std::chrono::milliseconds;

/// Of a piece: what one record costs is lost among so many, and a slow line carries it within a
/// fraction of the deadline.
constexpr auto piece_records_max = std::size_t{1'024};
constexpr auto piece_bytes_max = std::size_t{256 * 1024};

/// From a collector come acks, questions and pings, all small.
constexpr auto answers_bytes_max = std::size_t{1024 * 1024};

std::string joined(const std::vector<std::string>& texts) {
  auto all = std::string{};
  for (const auto& x : texts)
    all += (all.empty() ? "" : ", ") + x;
  return all;
}

std::string one_line(std::string text) {
  for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at))
    text.replace(at, 1, "; ");
  return text;
}

} // namespace

void link_board::publish(entry now) {
  const auto held = std::scoped_lock{mutex_};
  entry_ = std::move(now);
}

link_health link_board::read(time_point now) const {
  const auto held = std::scoped_lock{mutex_};
  auto health = entry_.health;
  health.since = span_between(entry_.since, now);
  if (entry_.last_ack)
    health.last_ack = span_between(*entry_.last_ack, now);
  if (entry_.next_try)
    health.next_try = span_between(now, *entry_.next_try);
  return health;
}

link::link(link_setup setup, origin_of origin, std::shared_ptr<wire> carrier,
  std::shared_ptr<link_board> board)
  : setup_{std::move(setup)}, origin_of_{std::move(origin)}, wire_{std::move(carrier)},
    board_{std::move(board)}, before_{board_->read({})}, window_{setup_.options.window},
    dialer_{setup_.options, news_}, outage_{setup_.options.retry_base, setup_.options.retry_max,
                                      retry_schedule::jitter::full} {
  known_.health = before_;
  known_.health.child = setup_.child;
  known_.health.window = setup_.options.window;
}

link::~link() {
  known_.next_try.reset();
  session_.reset();
  publish(std::chrono::steady_clock::now());
}

void link::on_start(sink_context& ctx) {
  ctx.note(joined(setup_.options.addresses));
  known_.since = ctx.now();
  advance(ctx);
}

std::optional<time_point> link::next_due() const {
  if (session_)
    return session_->next_due();
  return is_dialling_ ? std::nullopt : std::optional{next_dial_};
}

void link::offer(const event_batch& batch, sink_context& ctx) {
  auto pieces = cut(batch, ctx);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    while (!window_.has_room()) {
      ctx.waiting("room in the window");
      wait_readable(
        {ctx.wake_descriptor(), news_->descriptor()}, left_until(next_due(), ctx.now()));
      if (ctx.stop_requested())
        return;
      ctx.progress("tend");
      advance(ctx);
    }
    window_.add(std::move(pieces[i]));
    completes_.push_back(i + 1 == pieces.size() ? 1 : 0);
  }
  if (pieces.empty()) { // nothing of it can be sent: it ends with what is before it
    if (completes_.empty())
      return ctx.release(1);
    ++completes_.back();
  }
  advance(ctx);
}

std::vector<link_piece> link::cut(const event_batch& batch, sink_context& ctx) {
  auto pieces = std::vector<link_piece>{};
  const auto origin = origin_of_(batch);
  const auto add = [&](const event_batch& part) {
    auto blob = write_batch_blob(part);
    if (blob.size() <= frame_blob_max)
      return pieces.push_back({origin, std::move(blob)});
    ctx.log(log_level::error, "record_refused",
      {{"reason", "a record of " + std::to_string(blob.size()) + " bytes is larger than a frame"},
        {"seq", std::to_string(part.first_seq())}});
    ctx.lost(part);
  };
  if (batch.size() <= piece_records_max && batch.bytes() <= piece_bytes_max) {
    add(batch);
    return pieces;
  }
  auto part = batch_builder{};
  auto first = batch.first_seq();
  const auto close = [&] {
    const auto count = part.size();
    add(part.finish().numbered(first));
    first += first == 0 ? 0 : count;
  };
  for (const auto& record : batch) {
    const auto size = record.path.size() + record.from.size() + record.text.size();
    if (!part.empty()
        && (part.size() >= piece_records_max || part.bytes() + size > piece_bytes_max))
      close();
    part.add(record);
  }
  if (!part.empty())
    close();
  return pieces;
}

void link::advance(sink_context& ctx) {
  news_->lower();
  if (is_dialling_)
    if (auto outcome = dialer_.take()) {
      is_dialling_ = false;
      *outcome ? open(**outcome, ctx) : lose(outcome->error().text, ctx);
    }
  if (session_)
    go_on(ctx);
  if (!session_ && !is_dialling_ && ctx.now() >= next_dial_) {
    dialer_.begin();
    is_dialling_ = true;
    known_.next_try.reset();
  }
  publish(ctx.now());
}

void link::open(const link_dialer::answered& what, sink_context& ctx) {
  known_.health.address = what.address;
  auto session = wire_->open(what.stream, answers_bytes_max, [news = news_] { news->raise(); });
  if (!session)
    return lose(what.address + ": " + session.error().text, ctx);
  was_up_ = false;
  session_ = std::make_unique<link_session>(setup_, std::move(*session), window_, ctx.now());
}

void link::go_on(sink_context& ctx) {
  const auto safe = session_->advance(ctx.now());
  if (session_->is_up() && !std::exchange(was_up_, true)) {
    ++known_.health.connects;
    known_.health.peer = session_->peer();
    known_.health.last_error.clear();
    ctx.log(
      log_level::info, "link_up", {{"address", known_.health.address}, {"peer", session_->peer()}});
    outage_.end(ctx);
  }
  if (session_->has_been_answered())
    outage_.reset_waits();
  if (session_->last_ack())
    known_.last_ack = session_->last_ack();
  if (!safe)
    return lose(known_.health.address + ": " + safe.error().text, ctx);
  release(*safe, ctx);
}

void link::release(std::size_t pieces, sink_context& ctx) {
  auto offers = std::size_t{0};
  for (; pieces > 0; --pieces) {
    offers += completes_.front();
    completes_.pop_front();
  }
  if (offers > 0)
    ctx.release(offers);
}

/// Told once, until it is up again.
void link::lose(const std::string& why, sink_context& ctx) {
  const auto reason = one_line(why);
  session_.reset();
  const auto span = std::exchange(was_up_, false)
                      ? outage_.note_failure("link_lost", reason, ctx,
                        {{"unacknowledged", std::to_string(window_.size())}})
                      : outage_.note_failure("link_unreachable", reason, ctx);
  next_dial_ = ctx.now() + span;
  known_.next_try = next_dial_;
  known_.health.last_error = reason;
}

link_state link::state() const {
  if (session_)
    return session_->is_up() ? link_state::up : link_state::greeting;
  return is_dialling_ ? link_state::dialling : link_state::waiting;
}

void link::publish(time_point now) {
  auto& health = known_.health;
  if (const auto is = state(); is != std::exchange(last_state_, is) || known_.since == time_point{})
    known_.since = now;
  health.state = last_state_;
  health.window_used = window_.size();
  health.credit = window_.credit();
  health.sent = before_.sent + window_.sent();
  health.repeated = before_.repeated + window_.repeated();
  health.acknowledged = before_.acknowledged + window_.acknowledged();
  board_->publish(known_);
}

} // namespace actors
