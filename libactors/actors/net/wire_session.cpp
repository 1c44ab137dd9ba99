#include "actors/net/wire_session.hpp"

#include "actors/os/dial.hpp"
#include "actors/os/socket_breaker.hpp"

#include <utility>

namespace actors {

namespace {

auto now() {
  return std::chrono::steady_clock::now();
}

/// What an arrival costs: small frames (pings) count for something too, as nobody takes them while
/// the taker is stuck.
std::size_t cost_of(const std::string& payload) {
  return payload.size() + sizeof(wire_session::arrival);
}

} // namespace

wire_session::wire_session(
  std::shared_ptr<peer_stream> stream, std::size_t inbox_bytes_max, std::function<void()> on_news)
  : stream_{std::move(stream)}, address_{peer_address(stream_->descriptor())},
    inbox_bytes_max_{inbox_bytes_max}, on_news_{std::move(on_news)},
    heard_at_{now().time_since_epoch().count()} {}

void wire_session::attach(outlet to) {
  outlet_ = std::move(to);
}

bool wire_session::send(std::string frame) {
  if (is_over_)
    return false;
  if (unsent_.fetch_add(frame.size()) + frame.size() > unsent_max) {
    cut("it takes nothing that is sent to it");
    return false;
  }
  outlet_.post(std::move(frame));
  return true;
}

std::optional<wire_session::arrival> wire_session::take() {
  const auto held = std::scoped_lock{mutex_};
  if (inbox_.empty())
    return std::nullopt;
  auto oldest = std::move(inbox_.front());
  inbox_.pop_front();
  inbox_bytes_ -= cost_of(oldest.payload);
  return oldest;
}

std::string wire_session::why_over() const {
  const auto held = std::scoped_lock{mutex_};
  return why_over_;
}

std::chrono::steady_clock::time_point wire_session::last_heard() const {
  return std::chrono::steady_clock::time_point{
    std::chrono::steady_clock::duration{heard_at_.load()}};
}

void wire_session::finish() {
  if (is_over_ || is_finishing_.exchange(true))
    return;
  finished_at_ = now().time_since_epoch().count();
  outlet_.finish();
}

bool wire_session::lingers_too_long() const {
  const auto since =
    std::chrono::steady_clock::time_point{std::chrono::steady_clock::duration{finished_at_.load()}};
  return is_finishing_ && finished_at_ != 0 && now() - since > linger_max;
}

/// The wire's thread notices that the socket is at its end, and closes it.
void wire_session::cut(const std::string& why) {
  over(why);
  shut_down(stream_->descriptor());
}

bool wire_session::take_in(const frame_header& header, std::string payload) {
  {
    const auto held = std::scoped_lock{mutex_};
    const auto cost = cost_of(payload);
    if (inbox_bytes_ + cost > inbox_bytes_max_)
      return false;
    inbox_bytes_ += cost;
    inbox_.push_back({header, std::move(payload)});
  }
  on_news_();
  return true;
}

void wire_session::heard() {
  heard_at_ = now().time_since_epoch().count();
}

void wire_session::sent(std::uint64_t bytes) {
  unsent_ -= bytes;
}

/// The first reason counts.
void wire_session::over(const std::string& why) {
  {
    const auto held = std::scoped_lock{mutex_};
    if (is_over_)
      return;
    why_over_ = why;
    is_over_ = true;
  }
  on_news_();
}

} // namespace actors
