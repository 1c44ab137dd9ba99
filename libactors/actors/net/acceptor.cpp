#include "actors/net/acceptor.hpp"

#include "actors/codec/link_frame.hpp"
#include "actors/core/earliest.hpp"
#include "actors/core/peer_permission.hpp"
#include "actors/os/certificate_facts.hpp"
#include "actors/os/dial.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>
#include <utility>

namespace actors {

namespace {

using std::chrono::milliseconds;

/// Taken in one go, before those that are there are looked at again.
constexpr auto accepts_max = 64;

/// Without a descriptor left, the listener stays readable: whoever asked again at once would spin.
constexpr auto accept_pause = milliseconds{100};

/// Of accept4(2): what is wrong with one connection, and not with us.
bool is_nothing(int code) {
  return code == EAGAIN || code == EINTR || code == ECONNABORTED || code == EPROTO;
}

/// In the clear, whoever is on this machine, unless somebody is named.
bool may_link(const collect_options& options, const std::vector<std::string>& names) {
  const auto in_the_clear = options.wire == wire_policy::insecure_loopback;
  return (in_the_clear && options.allow.empty()) || is_permitted(options.allow, names);
}

} // namespace

result<void> shown_identity::load(const tls_options& files) {
  auto loaded = tls_identity::load(files, tls_use::to_listen);
  if (!loaded)
    return tl::unexpected{loaded.error()};
  const auto held = std::scoped_lock{mutex_};
  identity_ = std::move(*loaded);
  return {};
}

std::shared_ptr<const tls_identity> shown_identity::get() const {
  const auto held = std::scoped_lock{mutex_};
  return identity_;
}

result<void> check(const collect_options& options) {
  auto mistakes = std::string{};
  const auto complain = [&](const std::string& text) {
    mistakes += (mistakes.empty() ? "" : "\n") + text;
  };
  const auto address = stream_address::parse(options.listen);
  if (!address)
    complain("listen: " + address.error().text);
  if (options.store.empty())
    complain("store: it is missing; name a file for the records");
  if (options.wire == wire_policy::insecure_loopback) {
    if (address && !address->is_local())
      complain("listen: " + options.listen
               + " can be reached from other machines: without TLS anybody could write to it; give "
                 "tls (or an address of loopback)");
    if (options.tls.is_given())
      complain("tls: it is given, and so is insecure_loopback; choose one");
  } else {
    if (const auto identity = tls_identity::load(options.tls, tls_use::to_listen); !identity)
      complain(identity.error().text);
    if (options.allow.empty())
      complain("allow: nobody may link; name the certificates that may (\"*\": any of our CA)");
  }
  if (const auto wrong = mistake_in(options.allow, options.wire); !wrong.empty())
    complain("allow: " + wrong);
  if (options.peers_max < 1 || options.handshakes_max < 1)
    complain("peers_max and handshakes_max must be at least 1");
  if (options.handshake_timeout < milliseconds{10})
    complain("handshake_timeout must be at least 10ms");
  if (options.inbox_bytes_max < 1024 * 1024)
    complain("inbox_bytes_max must be at least 1 MiB");
  if (options.heartbeat < milliseconds{10} || options.deadline < 2 * options.heartbeat)
    complain("heartbeat must be at least 10ms, and deadline twice as long or more");
  if (!mistakes.empty())
    return failure(errc::invalid_argument, mistakes);
  return {};
}

void acceptor::run(source_context& ctx) {
  ctx.note(where_->address);
  ctx.ready();
  while (!ctx.stop_requested() && !ctx.drain_requested()) {
    wait(ctx);
    ctx.progress("handshakes");
    go_on(ctx);
    accept_all(ctx);
    where_->board->counted.handshakes = guests_.size();
  }
  where_->board->counted.handshakes = 0;
}

void acceptor::wait(source_context& ctx) {
  auto waits = std::vector<awaited>{};
  waits.reserve(guests_.size() + 2);
  auto due = earliest{};
  for (const auto& each : guests_) {
    waits.push_back({each.stream->descriptor(), each.wish});
    due.consider(each.due);
  }
  waits.push_back({ctx.wake_descriptor()});
  if (paused_until_ && ctx.now() >= *paused_until_)
    paused_until_.reset();
  if (paused_until_)
    due.consider(paused_until_);
  else
    waits.push_back({where_->listener.get()});
  ctx.waiting("connections");
  wait_any(waits, left_until(due.first(), ctx.now()));
  ctx.acknowledge();
}

void acceptor::accept_all(source_context& ctx) {
  if (paused_until_)
    return;
  for (auto count = 0; count < accepts_max; ++count) {
    auto socket = accept_stream(where_->listener);
    if (!socket)
      return is_nothing(errno) ? void() : pause(std::system_category().message(errno), ctx);
    auto& counted = where_->board->counted;
    ++counted.accepted;
    watch_over(socket, where_->options.deadline);
    if (guests_.size() >= where_->options.handshakes_max) {
      ++counted.evicted;
      guests_.pop_front();
    }
    auto stream =
      peer_stream::over(std::move(socket), peer_stream::end::accepted, where_->identity.get());
    if (!stream) {
      ++counted.refused;
      continue;
    }
    guests_.push_back({std::move(*stream), ctx.now() + where_->options.handshake_timeout});
    guests_.back().to_send = write_preface();
  }
}

/// Those that have yet to show who they are may be why: the oldest gives its descriptor back.
void acceptor::pause(const std::string& why, source_context& ctx) {
  if (!guests_.empty()) {
    ++where_->board->counted.evicted;
    guests_.pop_front();
  }
  paused_until_ = ctx.now() + accept_pause;
  if (const auto count = failures_.count(ctx.now()))
    ctx.log(
      log_level::error, "accept_failed", {{"reason", why}, {"count", std::to_string(*count)}});
}

/// Each a step: the next call on a socket says whether it is ready.
void acceptor::go_on(source_context& ctx) {
  std::erase_if(guests_, [&](guest& each) { return step(each, ctx) != progress::waits; });
}

acceptor::progress acceptor::step(guest& who, source_context& ctx) {
  auto done = try_step(who);
  if (done && *done == progress::done)
    if (auto in = let_in(who, ctx.now()); !in)
      done = tl::unexpected{in.error()};
  if (done && *done == progress::waits && ctx.now() >= who.due)
    done = failure(errc::timed_out, "it did not show who it is in time");
  if (done)
    return *done;
  refuse(who, done.error(), ctx);
  return progress::gone;
}

result<acceptor::progress> acceptor::try_step(guest& who) {
  if (!who.has_shaken_hands) {
    const auto step = who.stream->shake_hands();
    if (!step)
      return tl::unexpected{step.error()};
    if (*step != stream_step::done) {
      who.wish = *step == stream_step::wants_read ? awaited::what::read : awaited::what::write;
      return progress::waits;
    }
    who.has_shaken_hands = true;
  }
  return exchange_prefaces(who);
}

result<acceptor::progress> acceptor::exchange_prefaces(guest& who) {
  while (!who.to_send.empty()) {
    const auto count = who.stream->write(who.to_send);
    if (!count)
      return tl::unexpected{count.error()};
    if (*count == 0) {
      who.wish = awaited::what::write;
      return progress::waits;
    }
    who.to_send.erase(0, *count);
  }
  who.wish = awaited::what::read;
  while (who.came.size() < preface_size) {
    auto bytes = std::array<char, preface_size>{};
    const auto count = who.stream->read(std::span{bytes}.first(preface_size - who.came.size()));
    if (!count && count.error().code == errc::closed)
      return tl::unexpected{read_preface(who.came).error()}; // what came instead says more
    if (!count)
      return tl::unexpected{count.error()};
    if (*count == 0)
      return progress::waits;
    who.came.append(bytes.data(), *count);
  }
  if (const auto range = read_preface(who.came); !range)
    return tl::unexpected{range.error()};
  if (who.stream->holds_input()) // of which CAF would not hear until more comes
    return failure(errc::invalid_argument, "it says more before it was answered");
  return progress::done;
}

/// It is who it says; now whether it may link.
result<void> acceptor::let_in(guest& who, time_point now) {
  const auto& names = who.stream->peer_names();
  const auto turn_away = [&](refusal_code code, errc kind, const std::string& text) {
    static_cast<void>(who.stream->write(write_frame(refusal_frame{code, text}))); // a courtesy
    return failure(kind, text);
  };
  if (!may_link(where_->options, names)) {
    return turn_away(refusal_code::not_allowed, errc::permission_denied,
      "the certificate is for " + names_text(names)
        + ", which is not among those that may link (allow)");
  }
  if (auto in = where_->board->admit(who.stream, now); !in)
    return turn_away(refusal_code::no_room, errc::full, in.error().text);
  return {};
}

void acceptor::refuse(const guest& who, const error& why, source_context& ctx) {
  ++where_->board->counted.refused;
  if (const auto count = refusals_.count(ctx.now()))
    ctx.log(log_level::warning, "connection_refused",
      {{"peer", peer_address(who.stream->descriptor())}, {"reason", why.text},
        {"count", std::to_string(*count)}});
}

} // namespace actors
