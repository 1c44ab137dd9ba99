#pragma once

#include "actors/actors.hpp"
#include "actors/codec/batch_blob.hpp"
#include "actors/codec/link_frame.hpp"
#include "actors/os/dial.hpp"
#include "actors/os/peer_stream.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/stream_address.hpp"
#include "actors/testkit/batches.hpp"
#include "support/certificates.hpp"
#include "support/counting_source.hpp"
#include "support/patience.hpp"
#include "support/process_cost.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace actors::test {

using steady = std::chrono::steady_clock;

/// One end of a connection between nodes, in the hands of a test, which says what it likes. Every
/// call ends within `patience`.
class rough_end {
public:
  explicit rough_end(std::shared_ptr<peer_stream> stream) : stream_{std::move(stream)} {}

  /// Connects, and shakes hands where there is an identity. Says nothing else.
  static rough_end dial(const std::string& address,
    std::shared_ptr<const tls_identity> identity = nullptr, const std::string& name = {}) {
    auto socket = actors::dial(*dial_address::parse(address), steady::now() + test::patience, -1);
    BOOST_REQUIRE_MESSAGE(socket, (socket ? "" : socket.error().text));
    auto made =
      peer_stream::over(std::move(*socket), peer_stream::end::dialled, std::move(identity), name);
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().text));
    auto end = rough_end{*made};
    end.shake_hands();
    return end;
  }

  void shake_hands() {
    const auto due = steady::now() + test::patience;
    for (;;) {
      const auto step = stream_->shake_hands();
      if (!step || *step == stream_step::done || steady::now() > due)
        return;
      auto wait = std::array{awaited{stream_->descriptor(),
        *step == stream_step::wants_read ? awaited::what::read : awaited::what::write}};
      wait_any(wait, 100ms);
    }
  }

  /// False: the other end takes no more, for `within`, or is gone.
  bool send(std::string_view bytes, std::chrono::milliseconds within = test::patience) {
    for (const auto due = steady::now() + within; !bytes.empty();) {
      const auto count = stream_->write(bytes);
      if (!count || (*count == 0 && steady::now() > due))
        return false;
      bytes.remove_prefix(*count);
      if (*count == 0) {
        auto wait = std::array{awaited{stream_->descriptor(), awaited::what::write}};
        wait_any(wait, 50ms);
      }
    }
    return true;
  }
  template <class Frame>
  bool say(const Frame& frame) {
    return send(write_frame(frame));
  }

  /// So many bytes; fewer: the other end has closed, or is silent for `within`.
  std::string read(std::size_t size, std::chrono::milliseconds within = test::patience) {
    auto bytes = std::string(size, '\0');
    auto at = std::size_t{0};
    for (const auto due = steady::now() + within; at < size;) {
      const auto count = stream_->read(std::span{bytes}.subspan(at));
      is_closed_ |= !count;
      if (!count || (*count == 0 && steady::now() > due))
        break;
      at += *count;
      if (*count == 0)
        wait_readable({stream_->descriptor()}, 20ms);
    }
    bytes.resize(at);
    return bytes;
  }

  bool exchange_prefaces() {
    return send(write_preface()) && read(preface_size) == write_preface();
  }

  /// The next frame. Nothing: the other end has closed, or is silent for `within`.
  std::optional<link_message> next(std::chrono::milliseconds within = test::patience) {
    head_ += read(frame_header_size - head_.size(), within);
    if (head_.size() < frame_header_size)
      return std::nullopt;
    const auto header = read_frame_header(std::exchange(head_, {}));
    BOOST_REQUIRE(header);
    payload_ = read(header->payload_size);
    auto message = read_frame(*header, payload_);
    BOOST_REQUIRE_MESSAGE(message, (message ? "" : message.error().text));
    return std::move(*message);
  }

  /// The next frame of that kind; others are passed over.
  template <class Frame>
  std::optional<Frame> next_of(std::chrono::milliseconds within = test::patience) {
    for (const auto due = steady::now() + within; steady::now() < due;) {
      const auto message = next(within);
      if (!message)
        break;
      if (const auto* wanted = std::get_if<Frame>(&*message))
        return *wanted;
    }
    return std::nullopt;
  }

  /// Reads whatever comes until the other end closes. False: it does not.
  bool sees_the_end(std::chrono::milliseconds within = test::patience) {
    for (const auto due = steady::now() + within; !is_closed_ && steady::now() < due;)
      read(4096, 50ms);
    return is_closed_;
  }

  int descriptor() const { return stream_->descriptor(); }

private:
  std::shared_ptr<peer_stream> stream_;
  std::string head_;    ///< of the next frame: what came of it so far
  std::string payload_; ///< of the last frame
  bool is_closed_ = false;
};

inline hello_frame hello_of(const std::string& node, const std::string& link = "p/up") {
  return {own_protocol, "0.0.0", node, link, 100ms, 1'000ms};
}

/// A batch of one record, as it goes over a link.
inline std::string blob_of(std::uint64_t seq) {
  return write_batch_blob(testkit::batch_of({"/" + std::to_string(seq)}).numbered(seq));
}

/// What a sink behind a collector was given: the numbers of each node, in order.
class number_ledger {
public:
  void write(const event_batch& batch) {
    const auto held = std::scoped_lock{mutex_};
    auto& seqs = seqs_[batch.origin() ? batch.origin()->node : ""];
    for (std::size_t i = 0; i < batch.size(); ++i)
      seqs.push_back(batch.first_seq() + i);
  }
  std::size_t count(const std::string& of) const {
    const auto held = std::scoped_lock{mutex_};
    const auto found = seqs_.find(of);
    return found == seqs_.end() ? 0 : found->second.size();
  }
  /// 1 to `upto`, each once.
  bool has_all(const std::string& of, std::uint64_t upto) const {
    const auto held = std::scoped_lock{mutex_};
    const auto found = seqs_.find(of);
    auto want = std::uint64_t{0};
    return found != seqs_.end() && found->second.size() == upto
           && std::all_of(
             found->second.begin(), found->second.end(), [&](auto seq) { return seq == ++want; });
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::uint64_t>> seqs_;
};

/// What a node logs.
class log_book {
public:
  void write(const log_line& line) {
    const auto held = std::scoped_lock{mutex_};
    lines_.push_back(line);
  }
  /// Lines of that id in which some field has that text.
  std::size_t count(std::string_view event, std::string_view text = {}) const {
    const auto held = std::scoped_lock{mutex_};
    return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), [&](const auto& x) {
      return x.event == event
             && (text.empty() || std::any_of(x.fields.begin(), x.fields.end(), [&](const auto& y) {
                  return y.second.find(text) != std::string::npos;
                }));
    }));
  }
  std::string text() const {
    const auto held = std::scoped_lock{mutex_};
    auto all = std::string{};
    for (const auto& line : lines_) {
      all += line.event;
      for (const auto& [key, value] : line.fields)
        all += " " + key + "=" + value;
      all += "\n";
    }
    return all;
  }

  /// Boost prints messages of failed assertions only then: pass the log, not its text of before.
  friend std::ostream& operator<<(std::ostream& out, const log_book& log) {
    return out << log.text();
  }

private:
  mutable std::mutex mutex_;
  std::vector<log_line> lines_;
};

inline node_options named(const std::string& name, log_book* log = nullptr) {
  auto options = quiet();
  options.name = name;
  if (log != nullptr)
    options.log = [log](const log_line& x) { log->write(x); };
  return options;
}

inline collect_options quick_collecting(const std::string& listen, const std::string& store) {
  auto options = collect_options{};
  options.listen = listen;
  options.store = store;
  options.wire = wire_policy::insecure_loopback;
  options.heartbeat = 100ms;
  options.deadline = 1s;
  options.handshake_timeout = 400ms;
  return options;
}

inline link_options quick_linking(const std::string& address) {
  auto options = link_options{};
  options.addresses = {address};
  options.wire = wire_policy::insecure_loopback;
  options.heartbeat = 100ms;
  options.deadline = 1s;
  options.connect_timeout = 1s;
  options.retry_base = 10ms;
  options.retry_max = 100ms;
  return options;
}

/// Not longer than a test waits for what will not be acknowledged.
inline supervise_options short_drain() {
  auto options = supervise_options{};
  options.group.drain_deadline = 1s;
  return options;
}

/// A node that sends what it is allowed to, a record a batch.
struct counting_sender {
  std::atomic<std::uint64_t> next{1};
  std::atomic<std::uint64_t> allowed{0};
  log_book log;
  node host;

  counting_sender(const std::string& name, const link_options& to, mailbox_limits mailbox = {})
    : host{named(name, &log)} {
    const auto started =
      host.pipeline("p")
        .source("numbers", [this] { return std::make_unique<counting_source>(next, allowed); })
        .emit(emitter_options{.name = "up", .to = to, .mailbox = mailbox})
        .supervise(short_drain())
        .start();
    BOOST_REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text));
  }

  link_health link() const {
    const auto all = host.health().links;
    return all.empty() ? link_health{} : all.front();
  }
};

/// A collector with a door on loopback, in the clear or with TLS, and what came to it.
struct open_door {
  temporary_directory place;
  authority ours;
  wire_policy policy;
  collect_options options;
  number_ledger told;
  log_book log;
  std::optional<node> center;
  std::string address;

  explicit open_door(wire_policy how, const std::function<void(collect_options&)>& change = {})
    : policy{how}, options{quick_collecting("127.0.0.1:0", place.path() + "/events.db")} {
    options.wire = how;
    if (how == wire_policy::tls) {
      options.tls = ours.issue("collector");
      options.allow = {"web-1", "web-2"};
    }
    if (change)
      change(options);
    start();
  }

  void start() {
    center.emplace(named("center", &log));
    auto builder = center->pipeline("collector");
    builder.collect(options).emit("told", [this](const event_batch& x) { told.write(x); });
    const auto started = builder.start();
    BOOST_REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().text));
    BOOST_REQUIRE(center->health().collectors.size() == 1u);
    address = center->health().collectors.front().address;
    options.listen = address; // again, when it restarts
  }

  collector_health health() const { return center->health().collectors.front(); }

  link_options linking(const std::string& certificate = "web-1") {
    auto to = quick_linking(address);
    to.wire = policy;
    if (policy == wire_policy::tls) {
      to.tls = ours.issue(certificate);
      to.server_name = "collector";
    }
    return to;
  }

  std::shared_ptr<const tls_identity> identity(const std::string& name) {
    if (policy != wire_policy::tls)
      return nullptr;
    auto loaded = tls_identity::load(ours.issue(name));
    BOOST_REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().text));
    return *loaded;
  }

  /// A stranger that has said nothing but what TLS wants.
  rough_end stranger() { return rough_end::dial(address, identity("web-2")); }

  /// One that was let in, and has said nothing since.
  rough_end guest() {
    auto end = stranger();
    BOOST_REQUIRE(end.exchange_prefaces());
    return end;
  }

  /// One that was welcomed.
  rough_end peer(const std::string& node = "mallory") {
    auto end = guest();
    BOOST_REQUIRE(end.say(hello_of(node)));
    BOOST_REQUIRE(end.next_of<welcome_frame>().has_value());
    return end;
  }
};

/// So long as nothing is wrong, well within what a test has.
template <class Condition>
bool soon(Condition holds, std::chrono::milliseconds within = 5s) {
  for (const auto due = steady::now() + within; !holds();) {
    if (steady::now() > due)
      return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

inline std::string random_text(std::mt19937& random, std::size_t size) {
  auto bytes = std::string(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>(random());
  return bytes;
}

} // namespace actors::test
