#include "actors/net/link_dialer.hpp"

#include "actors/codec/link_preface.hpp"
#include "actors/core/peer_permission.hpp"
#include "actors/core/time_point.hpp"
#include "actors/os/dial.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/socket_breaker.hpp"
#include "actors/os/tls_identity.hpp"

#include <array>
#include <chrono>
#include <span>
#include <thread>
#include <utility>

namespace actors {

namespace {

using clock = std::chrono::steady_clock;

/// Until the stream wants no more of that kind, the time is up, or nobody wants it any more.
result<void> wait_for(
  const peer_stream& stream, awaited::what wish, clock::time_point due, int cancel) {
  auto waits = std::array{awaited{stream.descriptor(), wish}, awaited{cancel}};
  const auto left = left_until(due, clock::now());
  if (left.count() == 0)
    return failure(errc::timed_out, "it does not answer");
  wait_any(waits, left);
  if (waits[1].is_ready)
    return failure(errc::closed, "cancelled");
  return {};
}

result<void> shake_hands(peer_stream& stream, clock::time_point due, int cancel) {
  for (;;) {
    const auto step = stream.shake_hands();
    if (!step)
      return tl::unexpected{step.error()};
    if (*step == stream_step::done)
      return {};
    const auto wish = *step == stream_step::wants_read ? awaited::what::read : awaited::what::write;
    if (auto waited = wait_for(stream, wish, due, cancel); !waited)
      return waited;
  }
}

template <class T>
result<void> nothing_of(const result<T>& what) {
  if (!what)
    return tl::unexpected{what.error()};
  return {};
}

/// Both ends say first what they speak.
result<void> exchange_prefaces(peer_stream& stream, clock::time_point due, int cancel) {
  const auto ours = write_preface();
  for (auto rest = std::string_view{ours}; !rest.empty();) {
    const auto count = stream.write(rest);
    if (!count)
      return tl::unexpected{count.error()};
    rest.remove_prefix(*count);
    if (*count == 0)
      if (auto waited = wait_for(stream, awaited::what::write, due, cancel); !waited)
        return waited;
  }
  auto theirs = std::array<char, preface_size>{};
  for (auto rest = std::span<char>{theirs}; !rest.empty();) {
    const auto count = stream.read(rest);
    if (!count && count.error().code == errc::closed) // what came instead says more
      return nothing_of(read_preface({theirs.data(), preface_size - rest.size()}));
    if (!count)
      return tl::unexpected{count.error()};
    rest = rest.subspan(*count);
    if (*count == 0)
      if (auto waited = wait_for(stream, awaited::what::read, due, cancel); !waited)
        return waited;
  }
  return nothing_of(read_preface({theirs.data(), theirs.size()}));
}

} // namespace

result<void> check(const link_options& options) {
  auto mistakes = std::string{};
  const auto complain = [&](const std::string& text) {
    mistakes += (mistakes.empty() ? "" : "\n") + text;
  };
  if (options.addresses.empty())
    complain("address: it is missing; write HOST:PORT, or unix:/path");
  for (const auto& text : options.addresses) {
    const auto address = dial_address::parse(text);
    if (!address)
      complain("address: " + address.error().text);
    else if (options.wire == wire_policy::insecure_loopback && !address->is_local())
      complain("address: " + text
               + " is not on this machine: without TLS anybody between could read and write; give "
                 "tls (or an address of loopback)");
    else if (options.wire == wire_policy::tls && address->host().empty()
             && options.server_name.empty())
      complain("address: " + text
               + " has no host: say with server_name which name the collector's certificate must "
                 "have");
  }
  using std::chrono::milliseconds;
  if (options.window < 1 || options.window > 256)
    complain("window: it must be from 1 to 256");
  if (options.connect_timeout < milliseconds{1})
    complain("connect_timeout must be at least 1ms");
  if (options.retry_base < milliseconds{1} || options.retry_max < options.retry_base)
    complain("retry_base must be from 1ms to retry_max");
  if (options.heartbeat < milliseconds{10} || options.deadline < 2 * options.heartbeat)
    complain("heartbeat must be at least 10ms, and deadline twice as long or more");
  if (options.wire == wire_policy::tls) {
    if (const auto identity = tls_identity::load(options.tls, tls_use::to_dial); !identity)
      complain(identity.error().text);
  } else if (options.tls.is_given()) {
    complain("tls: it is given, and so is insecure_loopback; choose one");
  }
  if (const auto wrong = mistake_in(options.observe, options.wire); !wrong.empty())
    complain("observe: " + wrong);
  if (const auto wrong = mistake_in(options.control, options.wire); !wrong.empty())
    complain("control: " + wrong);
  if (!mistakes.empty())
    return failure(errc::invalid_argument, mistakes);
  return {};
}

link_dialer::link_dialer(link_options options, std::shared_ptr<wake_event> news)
  : shared_{std::make_shared<shared>(std::move(options), std::move(news))} {}

link_dialer::~link_dialer() {
  shared_->cancel.raise();
}

void link_dialer::begin() {
  std::thread{[shared = shared_] {
    block_signals();
    auto outcome = dial_all(*shared);
    const auto held = std::scoped_lock{shared->mutex};
    shared->outcome = std::move(outcome);
    shared->news->raise();
  }}.detach();
}

std::optional<result<link_dialer::answered>> link_dialer::take() {
  const auto held = std::scoped_lock{shared_->mutex};
  return std::exchange(shared_->outcome, std::nullopt);
}

/// The files of certificates are read for every dial: they can be exchanged at any time.
result<link_dialer::answered> link_dialer::dial_all(const shared& what) {
  const auto& options = what.options;
  auto identity = std::shared_ptr<const tls_identity>{};
  if (options.wire == wire_policy::tls) {
    auto loaded = tls_identity::load(options.tls, tls_use::to_dial);
    if (!loaded)
      return tl::unexpected{loaded.error()};
    identity = std::move(*loaded);
  }
  auto last = error{errc::unavailable, {}, {}};
  for (const auto& text : options.addresses) {
    const auto address = dial_address::parse(text);
    const auto due = clock::now() + options.connect_timeout;
    const auto cancel = what.cancel.descriptor();
    auto answer = [&]() -> result<answered> {
      if (!address)
        return tl::unexpected{address.error()};
      auto socket = dial(*address, due, cancel);
      if (!socket)
        return tl::unexpected{socket.error()};
      watch_over(*socket, options.deadline);
      const auto& name = options.server_name.empty() ? address->host() : options.server_name;
      auto stream =
        peer_stream::over(std::move(*socket), peer_stream::end::dialled, identity, name);
      if (!stream)
        return tl::unexpected{stream.error()};
      if (const auto done = shake_hands(**stream, due, cancel); !done)
        return tl::unexpected{done.error()};
      if (const auto done = exchange_prefaces(**stream, due, cancel); !done)
        return tl::unexpected{done.error()};
      return answered{std::move(*stream), text};
    }();
    if (answer || wait_readable({cancel}, std::chrono::milliseconds{0}))
      return answer;
    last = {answer.error().code,
      last.text + (last.text.empty() ? "" : "\n") + text + ": " + answer.error().text, {}};
  }
  return tl::unexpected{std::move(last)};
}

} // namespace actors
