#include "actors/net/receiver.hpp"

#include "actors/codec/batch_blob.hpp"
#include "actors/core/time_point.hpp"
#include "actors/os/poll.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace actors {

using namespace std::chrono_literals;

namespace {

using std::chrono::milliseconds;

/// A batch is so large at most (`link.cpp`).
constexpr auto batch_bytes = std::uint64_t{256 * 1024};

/// More does not carry more on any line that we know (docs/distribution.md).
constexpr auto credit_max = std::uint64_t{64};

/// In one transaction: a commit costs a synchronization of the disk, whatever is in it, and
/// holds up the acknowledgements of all that are in it.
constexpr auto transaction_batches_max = std::size_t{128};

/// While nothing can be stored.
constexpr auto retry_pause = 1s;

/// What a batch from elsewhere may grow to in memory.
constexpr auto blob_limits =
  batch_blob_limits{.bytes_max = frame_blob_max, .records_max = 64 * 1024};

const auto goodbye = std::string{"it said goodbye"};

tl::unexpected<refusal_frame> nonsense(std::string why) {
  return tl::unexpected{refusal_frame{refusal_code::nonsense, std::move(why)}};
}

} // namespace

receiver::receiver(std::shared_ptr<meeting_place> where, std::shared_ptr<event_archive> into,
  std::string node, std::string version)
  : where_{std::move(where)}, archive_{std::move(into)}, node_{std::move(node)}, version_{std::move(
                                                                                   version)} {}

void receiver::run(source_context& ctx) {
  ctx.note(archive_->path());
  for (const auto& each : where_->board->all()) // what an incarnation before had taken in is lost:
    each->wire->cut("the receiver has restarted"); // it comes again
  ctx.ready();
  while (!ctx.stop_requested() && !ctx.drain_requested()) {
    const auto due = is_holding_ ? std::min(next_look_, next_try_) : next_look_;
    ctx.waiting("links");
    wait_readable(
      {ctx.wake_descriptor(), where_->board->news_descriptor()}, left_until(due, ctx.now()));
    ctx.acknowledge();
    ctx.progress("receive");
    take_in(ctx);
    if (!is_holding_ || ctx.now() >= next_try_)
      store(ctx);
    if (ctx.now() >= next_look_)
      look_after(ctx);
  }
  store(ctx);
  say_goodbye(ctx.now());
}

void receiver::take_in(source_context& ctx) {
  for (const auto& who : where_->board->take_ready())
    drain(who, ctx);
}

void receiver::drain(const std::shared_ptr<peer>& who, source_context& ctx) {
  while (const auto came = who->wire->take()) {
    if (who->is_parted)
      continue;
    if (auto done = take(who, *came, ctx); !done) {
      who->send(write_frame(done.error()), ctx.now());
      who->wire->finish();
      return part(who, done.error().text, ctx);
    }
    if (pending_.size() >= transaction_batches_max && !is_holding_)
      store(ctx);
  }
  if (!who->is_parted && who->wire->is_over())
    part(who, who->wire->why_over(), ctx);
}

receiver::handled receiver::take(
  const std::shared_ptr<peer>& who, const wire_session::arrival& what, source_context& ctx) {
  const auto message = read_frame(what.header, what.payload);
  if (!message)
    return nonsense(message.error().text);
  const auto out_of_place = [&] {
    return nonsense("a " + std::string{name_of(what.header.kind)} + " is out of place here");
  };
  return std::visit(
    [&](const auto& x) -> handled {
      using frame = std::decay_t<decltype(x)>;
      if constexpr (std::is_same_v<frame, hello_frame>)
        return who->hello ? handled{out_of_place()} : greet(who, x, ctx);
      if (!who->hello)
        return out_of_place();
      if constexpr (std::is_same_v<frame, origin_frame>)
        who->origins[x.index] = std::make_shared<const batch_origin>(x.origin);
      else if constexpr (std::is_same_v<frame, batch_frame>)
        return keep(who, x);
      else if constexpr (std::is_same_v<frame, answer_frame>)
        where_->board->answered(*who, x);
      else if constexpr (std::is_same_v<frame, ask_frame>)
        who->send(write_frame(answer_frame{x.id, 501, "text/plain; charset=utf-8",
                    "a collector answers no questions of its links\n"}),
          ctx.now());
      else if constexpr (std::is_same_v<frame, goodbye_frame>) {
        who->has_said_goodbye = true;
        who->wire->cut(goodbye);
      } else if constexpr (std::is_same_v<frame, refusal_frame>)
        who->wire->cut("it refused: " + x.text);
      else if constexpr (!std::is_same_v<frame, ping_frame>)
        return out_of_place();
      return {};
    },
    *message);
}

receiver::handled receiver::greet(
  const std::shared_ptr<peer>& who, const hello_frame& what, source_context& ctx) {
  const auto refuse = [&](refusal_code code, const std::string& text) -> handled {
    if (refusals_.count(ctx.now())) // who is refused comes again, and may not wait
      ctx.log(log_level::warning, "link_refused",
        {{"node", what.node}, {"link", what.link}, {"peer", who->wire->peer()}, {"reason", text}});
    return tl::unexpected{refusal_frame{code, text}};
  };
  const auto spoken = common_protocol(what.protocol);
  if (!spoken)
    return refuse(refusal_code::protocol,
      "node " + what.node + " (" + what.program_version + "): " + spoken.error().text);
  if (what.node == node_)
    return refuse(refusal_code::own_node,
      "node " + node_
        + " links to a collector of the same name: give each node a name of its own (--node NAME, "
          "or node.name in its configuration)");
  if (auto free = where_->board->greeted(who, what, ctx.now()); !free)
    return refuse(refusal_code::own_node, free.error().text);
  who->wire->trust();
  who->credit = who->credit_max = is_holding_ ? 0 : credit();
  who->send(write_frame(welcome_frame{*spoken, version_, node_, who->credit,
              where_->options.heartbeat, where_->options.deadline}),
    ctx.now());
  ctx.log(log_level::info, "peer_up",
    {{"node", what.node}, {"link", what.link}, {"peer", who->wire->peer()},
      {"version", what.program_version}});
  if (who->has_twin)
    ctx.log(log_level::warning, "peer_twin",
      {{"node", what.node}, {"link", what.link}, {"peer", who->wire->peer()},
        {"reason", "another process of that name is linked: both are served, but only the last to "
                   "come can be asked; give each a name of its own (--node)"}});
  return {};
}

receiver::handled receiver::keep(const std::shared_ptr<peer>& who, const batch_frame& what) {
  switch (who->order.take(what.number)) {
    case arrival_order::verdict::gap:
      return nonsense("batch " + std::to_string(what.number) + " comes after "
                      + std::to_string(who->order.come()));
    case arrival_order::verdict::repeated: who->owes_ack = true; return {};
    case arrival_order::verdict::next: break;
  }
  if (who->order.waiting() > who->credit_max)
    return nonsense("it sends more than it was granted");
  const auto origin = who->origins.find(what.origin);
  if (origin == who->origins.end())
    return nonsense("a batch is of an origin that was not told");
  const auto batch = read_batch_blob(what.blob, blob_limits);
  if (!batch)
    return nonsense(batch.error().text);
  auto made = arrival{batch->from(origin->second),
    who->wire->peer_names().empty() ? std::string{} : who->wire->peer_names().front()};
  if (const auto fit = check(made); !fit)
    return nonsense(fit.error().text);
  pending_.push_back({who, what.number, std::move(made)});
  return {};
}

/// All that waits, in one transaction.
void receiver::store(source_context& ctx) {
  if (pending_.empty() && !is_holding_)
    return acknowledge(ctx.now());
  auto arrivals = std::vector<arrival>{};
  arrivals.reserve(pending_.size());
  for (const auto& each : pending_)
    arrivals.push_back(each.what);
  ctx.progress("store");
  const auto done = archive_->store(arrivals);
  if (!done) {
    if (!std::exchange(is_holding_, true))
      ctx.log(log_level::error, "store_failed", {{"reason", done.error().text}});
    ctx.degraded(done.error().text + "; nothing is acknowledged until it can be stored");
    where_->board->set_trouble(done.error().text);
    next_try_ = ctx.now() + retry_pause;
    return acknowledge(ctx.now());
  }
  if (std::exchange(is_holding_, false)) {
    ctx.recovered();
    ctx.log(log_level::info, "store_recovered", {});
    where_->board->set_trouble({});
    for (const auto& each : where_->board->all())
      each->owes_ack = true; // with credit
  }
  count(*done);
  pending_.clear();
  acknowledge(ctx.now());
}

void receiver::count(const std::vector<filed>& what) {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    auto& each = pending_[i];
    each.from->order.commit(each.number);
    each.from->owes_ack = true;
    where_->board->stored(*each.from, 1, what[i].records, what[i].duplicates, what[i].gaps);
  }
}

void receiver::acknowledge(time_point now) {
  const auto grant = is_holding_ ? 0 : credit();
  for (const auto& who : where_->board->all()) {
    if (!who->hello || !std::exchange(who->owes_ack, false))
      continue;
    who->credit = grant;
    who->credit_max = std::max(who->credit_max, grant);
    who->send(write_frame(ack_frame{who->order.upto(), grant}), now);
  }
}

/// The inbox is shared by all; one batch each there is always.
std::uint32_t receiver::credit() const {
  const auto peers = std::max<std::uint64_t>(where_->board->count(), 1);
  const auto share = where_->options.inbox_bytes_max / batch_bytes / peers;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(share, 1, credit_max));
}

/// Heartbeats, and who has missed them.
void receiver::look_after(source_context& ctx) {
  const auto now = ctx.now();
  next_look_ = now + where_->options.heartbeat / 2;
  where_->board->tidy();
  for (const auto& who : where_->board->all()) {
    if (const auto why = why_late(*who, now); !why.empty()) {
      who->wire->cut(why);
      part(who, why, ctx);
      continue;
    }
    if (!who->hello || now - who->last_sent < where_->options.heartbeat)
      continue;
    // Who holds says so: the sender knows that its batches are not forgotten.
    const auto waits = is_holding_ && who->order.waiting() > 0;
    who->send(
      waits ? write_frame(ack_frame{who->order.upto(), 0}) : write_frame(ping_frame{}), now);
  }
}

std::string receiver::why_late(const peer& who, time_point now) const {
  if (!who.hello)
    return now - who.admitted > where_->options.handshake_timeout ? "it did not say hello in time"
                                                                  : "";
  const auto patience =
    std::max(where_->options.deadline, wire_session::heartbeats_missed_max * who.hello->heartbeat);
  if (now - who.wire->last_heard() <= patience)
    return {};
  return "nothing was heard for "
         + std::to_string(std::chrono::duration_cast<milliseconds>(patience).count()) + " ms";
}

/// What it brought and is not stored may be stored: it will be left out when it comes again.
void receiver::part(const std::shared_ptr<peer>& who, const std::string& why, source_context& ctx) {
  who->is_parted = true;
  if (is_holding_) // nobody knows when that can be stored, and it comes again
    std::erase_if(pending_, [&](const auto& x) { return x.from == who; });
  const auto& reason = who->has_said_goodbye ? goodbye : why; // often it has hung up since then
  where_->board->remove(who, reason, ctx.now());
  if (!who->hello)
    return;
  ctx.log(who->has_said_goodbye ? log_level::info : log_level::warning, "peer_lost",
    {{"node", who->hello->node}, {"link", who->hello->link}, {"peer", who->wire->peer()},
      {"reason", reason}});
}

void receiver::say_goodbye(time_point now) {
  for (const auto& who : where_->board->all()) {
    who->wire->send(write_frame(goodbye_frame{"the collector ends"}));
    who->wire->finish();
    where_->board->remove(who, "the collector ends", now); // a question waits in vain
  }
}

} // namespace actors
