#include "actors/net/link_session.hpp"

#include "actors/core/peer_permission.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace actors {

namespace {

using std::chrono::milliseconds;

std::string seconds_text(milliseconds span) {
  return std::to_string(span.count() / 1000) + "." + std::to_string(span.count() % 1000 / 100)
         + " s";
}

} // namespace

link_session::link_session(const link_setup& setup, std::shared_ptr<wire_session> wire,
  delivery_window<link_piece>& window, time_point now)
  : setup_{setup}, wire_{std::move(wire)}, window_{window}, began_{now},
    last_sent_{now}, patience_{setup.options.deadline} {
  const auto& options = setup_.options;
  send(write_frame(hello_frame{own_protocol, setup_.version, setup_.node, setup_.child,
         options.heartbeat, options.deadline}),
    now);
}

link_session::~link_session() {
  window_.end_session();
  if (wire_->send(write_frame(goodbye_frame{"the link ends"})))
    wire_->finish();
}

result<std::size_t> link_session::advance(time_point now) {
  auto safe = std::size_t{0};
  while (const auto came = wire_->take())
    if (auto taken = take(*came, now, safe); !taken)
      return safe != 0 ? result<std::size_t>{safe} : tl::unexpected{taken.error()};
  if (auto fine = check_deadlines(now); !fine && safe == 0) {
    wire_->cut(fine.error().text);
    return tl::unexpected{fine.error()};
  }
  send_pieces(now);
  if (now - last_sent_ >= setup_.options.heartbeat)
    send(write_frame(ping_frame{}), now);
  return safe;
}

/// Nothing of what came is thrown away for what came behind it: the error is found again.
result<void> link_session::take(
  const wire_session::arrival& what, time_point now, std::size_t& safe) {
  const auto message = read_frame(what.header, what.payload);
  if (!message) {
    wire_->cut(message.error().text);
    return failure(errc::invalid_argument, "it sent nonsense: " + message.error().text);
  }
  const auto out_of_place = [&] {
    const auto text = "it sent a " + std::string{name_of(what.header.kind)} + " out of place";
    wire_->cut(text);
    return failure(errc::invalid_argument, text);
  };
  return std::visit(
    [&](const auto& x) -> result<void> {
      using frame = std::decay_t<decltype(x)>;
      if constexpr (std::is_same_v<frame, welcome_frame>)
        return is_up_ ? out_of_place() : on(x);
      else if constexpr (std::is_same_v<frame, ack_frame>)
        return is_up_ ? on(x, now, safe) : out_of_place();
      else if constexpr (std::is_same_v<frame, refusal_frame>) {
        wire_->cut("it refused: " + x.text);
        return failure(errc::permission_denied, "it refused: " + x.text);
      } else if constexpr (std::is_same_v<frame, goodbye_frame>) {
        wire_->cut("it said goodbye: " + x.text);
        return failure(errc::unavailable, "it said goodbye: " + x.text);
      } else if constexpr (std::is_same_v<frame, ask_frame>) {
        on(x);
        return {};
      } else if constexpr (std::is_same_v<frame, ping_frame>)
        return {};
      else
        return out_of_place();
    },
    *message);
}

result<void> link_session::on(const welcome_frame& what) {
  if (what.protocol < own_protocol.min || what.protocol > own_protocol.max) {
    wire_->cut("it speaks another protocol");
    return failure(errc::not_supported, "it speaks protocol " + std::to_string(what.protocol)
                                          + ", which " + setup_.version + " does not");
  }
  is_up_ = true;
  wire_->trust();
  peer_ = what.node + " (" + what.program_version + ")";
  patience_ = std::max(patience_, wire_session::heartbeats_missed_max * what.heartbeat);
  window_.begin_session(what.credit);
  last_ack_.reset();
  return {};
}

result<void> link_session::on(const ack_frame& what, time_point now, std::size_t& safe) {
  const auto count = window_.acknowledge(what.upto, what.credit, now);
  if (!count) {
    wire_->cut("it acknowledged what it was not sent");
    return failure(errc::invalid_argument, "it acknowledged what it was not sent");
  }
  last_ack_ = now;
  safe += *count;
  return {};
}

/// Watching and steering are two permissions, by the name of who asks.
void link_session::on(const ask_frame& what) {
  const auto answer = [wire = wire_, id = what.id](answer_frame frame) {
    frame.id = id;
    if (frame.body.size() > frame_body_max) {
      frame.status = 507;
      frame.content_type = "text/plain; charset=utf-8";
      frame.body = "the answer is larger than a frame; ask for less (?after=)\n";
    }
    wire->send(write_frame(frame));
  };
  const auto is_to_observe = what.method == "GET";
  const auto& list = is_to_observe ? setup_.options.observe : setup_.options.control;
  if (!is_permitted(list, wire_->peer_names()))
    return answer({0, 403, "text/plain; charset=utf-8",
      "node " + setup_.node + " does not let "
        + (wire_->peer_names().empty() ? "this collector" : wire_->peer_names().front())
        + (is_to_observe ? " observe" : " control") + " it: see `"
        + (is_to_observe ? "observe" : "control") + "` of its link\n"});
  if (!setup_.answerer)
    return answer({0, 501, "text/plain; charset=utf-8", "this node answers no questions\n"});
  setup_.answerer(what, answer);
}

result<void> link_session::check_deadlines(time_point now) const {
  if (wire_->is_over())
    return failure(errc::unavailable, wire_->why_over());
  if (const auto silence = now - wire_->last_heard(); silence > patience_)
    return failure(errc::timed_out,
      "nothing was heard for " + seconds_text(std::chrono::duration_cast<milliseconds>(silence)));
  if (!is_up_ && now - began_ > setup_.options.connect_timeout)
    return failure(errc::timed_out, "it does not welcome us");
  if (const auto since = window_.waiting_since(); is_up_ && since) {
    const auto waited = now - std::max(*since, last_ack_.value_or(*since));
    if (waited > patience_)
      return failure(
        errc::timed_out, "what was sent is not acknowledged for "
                           + seconds_text(std::chrono::duration_cast<milliseconds>(waited)));
  }
  return {};
}

void link_session::send_pieces(time_point now) {
  if (!is_up_)
    return;
  while (const auto next = window_.next(now)) {
    const auto origin = index_of(*next->item); // told before the batch
    send(write_frame(batch_frame{next->number, origin, next->item->blob}), now);
  }
}

std::uint32_t link_session::index_of(const link_piece& piece) {
  const auto found = origins_.find(piece.origin->stream);
  if (found != origins_.end())
    return found->second;
  if (origins_.size() >= frame_origins_max)
    origins_.clear(); // what they were is told again when it comes up
  const auto index = static_cast<std::uint32_t>(origins_.size());
  origins_[piece.origin->stream] = index;
  send(write_frame(origin_frame{index, *piece.origin}), last_sent_);
  return index;
}

time_point link_session::next_due() const {
  auto due = std::min(last_sent_ + setup_.options.heartbeat, wire_->last_heard() + patience_);
  if (!is_up_)
    due = std::min(due, began_ + setup_.options.connect_timeout);
  if (const auto since = window_.waiting_since())
    due = std::min(due, std::max(*since, last_ack_.value_or(*since)) + patience_);
  return due + milliseconds{1};
}

void link_session::send(std::string frame, time_point now) {
  if (wire_->send(std::move(frame)))
    last_sent_ = now;
}

} // namespace actors
