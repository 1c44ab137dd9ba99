#include "actors/os/line_server.hpp"

#include "actors/core/earliest.hpp"
#include "actors/os/token.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace actors {

namespace {

using namespace std::chrono_literals;

/// For the first line of a reader; a person who types it is quick enough.
constexpr auto token_patience = 5s;

/// A token, and the end of its line.
constexpr std::size_t token_line_max = token_bytes_max + 2;

/// For what waits for the readers at the end; a stop must not wait longer for them.
constexpr auto last_patience = 1s;

/// This process has no descriptor left: the listener would be readable for ever.
constexpr auto descriptor_pause = 1s;

} // namespace

result<std::unique_ptr<line_server>> line_server::open(
  stream_address where, socket_sink_options options, log_function log) {
  auto listener = where.listen();
  if (!listener)
    return tl::unexpected{listener.error()};
  return std::unique_ptr<line_server>{
    new line_server{std::move(where), std::move(options), std::move(log), std::move(*listener)}};
}

line_server::line_server(
  stream_address where, socket_sink_options options, log_function log, unique_fd listener)
  : where_{std::move(where)}, options_{std::move(options)}, log_{std::move(log)}, listener_{
                                                                                    std::move(
                                                                                      listener)} {
  if (where_.is_unix())
    file_.emplace(where_.path());
  thread_ = std::thread{[this] { run(); }};
}

line_server::~line_server() {
  is_over_ = true;
  news_.raise();
  thread_.join();
}

bool line_server::give(reader_backlog::block lines) {
  const auto held = std::scoped_lock{mutex_};
  const auto size = lines->size();
  if (options_.on_slow == slow_reader::hold)
    for (const auto& x : readers_)
      if (x.is_known && !x.backlog.has_room_for(size))
        return false;
  for (auto& x : readers_) {
    if (!x.is_known || x.is_gone)
      continue;
    if (options_.on_slow == slow_reader::drop_oldest) {
      const auto missed = x.backlog.make_room_for(size);
      lines_missed_ += missed;
      for (auto i = missed; i > 0; --i)
        if (const auto count = missed_.count(clock::now()))
          say(log_level::warning, "reader_missed_lines", *count);
    } else if (!x.backlog.has_room_for(size)) {
      let_go(x, "reader_too_slow", log_level::warning, too_slow_);
      continue;
    }
    x.backlog.add(lines);
  }
  news_.raise();
  return true;
}

// -- the thread -----------------------------------------------------------------------------------

void line_server::run() {
  while (!is_over_)
    take_turn(true);
  listener_.reset(); // who comes now finds nobody
  for (const auto due = clock::now() + last_patience; clock::now() < due;) {
    if (has_nothing_waiting())
      return;
    take_turn(false);
  }
}

bool line_server::has_nothing_waiting() {
  const auto held = std::scoped_lock{mutex_};
  return std::all_of(
    readers_.begin(), readers_.end(), [](const reader& x) { return x.backlog.empty(); });
}

/// How long nothing needs to be done; nothing: until a descriptor says so.
std::optional<std::chrono::milliseconds> line_server::patience(clock::time_point now) const {
  auto next = earliest{};
  if (is_over_)
    next.consider(now + last_patience / 10);
  if (now < no_descriptor_until_)
    next.consider(no_descriptor_until_);
  for (const auto& x : readers_)
    if (!x.is_known)
      next.consider(x.due);
  return left_until(next.first(), now);
}

void line_server::take_turn(bool may_come) {
  auto waits = std::vector<pollfd>{{news_.descriptor(), POLLIN, 0}};
  auto whose = std::vector<reader*>{nullptr};
  auto span = std::optional<std::chrono::milliseconds>{};
  {
    const auto held = std::scoped_lock{mutex_};
    const auto now = clock::now();
    readers_.remove_if([](const reader& x) { return x.is_gone; });
    readers_now_ = readers_.size();
    const auto accepts = may_come && now >= no_descriptor_until_;
    waits.push_back({accepts ? listener_.get() : -1, POLLIN, 0});
    whose.push_back(nullptr);
    for (auto& x : readers_) {
      const auto wanted = x.backlog.empty() ? POLLIN : POLLIN | POLLOUT;
      waits.push_back({x.fd.get(), static_cast<short>(wanted), 0});
      whose.push_back(&x);
    }
    span = patience(now);
  }
  ::poll(waits.data(), waits.size(), span ? static_cast<int>(span->count()) : -1);
  const auto held = std::scoped_lock{mutex_};
  news_.lower();
  if (waits[1].revents != 0)
    let_in();
  for (std::size_t i = 2; i < waits.size(); ++i) {
    auto& x = *whose[i]; // only this thread removes readers
    if ((waits[i].revents & ~POLLOUT) != 0)
      listen_to(x);
    if (!x.is_gone && (waits[i].revents & POLLOUT) != 0)
      write_to(x);
    if (!x.is_gone && !x.is_known && clock::now() >= x.due)
      let_go(x, "reader_refused", log_level::warning, no_token_);
  }
  room_.raise();
}

void line_server::let_in() {
  while (auto fd = accept_stream(listener_)) {
    const auto is_known = options_.token_file.empty();
    readers_.push_back({std::move(fd), reader_backlog{options_.buffer_bytes_max}, is_known, false,
      clock::now() + token_patience, {}});
    if (count_readers() <= options_.readers_max)
      continue;
    for (auto& x : readers_) // some may have left, and nobody has looked yet
      if (!x.is_gone)
        listen_to(x);
    if (!readers_.back().is_gone && count_readers() > options_.readers_max)
      let_go(readers_.back(), "readers_full", log_level::warning, too_many_);
  }
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    no_descriptor_until_ = clock::now() + descriptor_pause;
    if (const auto count = too_many_.count(clock::now()))
      say(log_level::warning, "readers_full", *count);
  }
  readers_now_ = count_readers();
}

std::size_t line_server::count_readers() const {
  return static_cast<std::size_t>(
    std::count_if(readers_.begin(), readers_.end(), [](const reader& x) { return !x.is_gone; }));
}

/// What a reader says is its token, then nothing of interest; its end is its leaving.
void line_server::listen_to(reader& x) {
  char buffer[4096];
  const auto size = ::recv(x.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (size <= 0)
    return let_go(x, "reader_left", log_level::debug, left_);
  if (x.is_known)
    return;
  x.said.append(buffer, static_cast<std::size_t>(size));
  if (x.said.find('\n') != std::string::npos)
    check_token(x);
  else if (x.said.size() > token_line_max)
    let_go(x, "reader_refused", log_level::warning, no_token_);
}

void line_server::check_token(reader& x) {
  auto given = x.said.substr(0, x.said.find('\n'));
  if (given.ends_with('\r'))
    given.pop_back();
  x.said = {};
  const auto wanted = read_token(options_.token_file);
  x.is_known = wanted && is_same_token(given, *wanted);
  if (!x.is_known)
    let_go(x, "reader_refused", log_level::warning, no_token_);
}

void line_server::write_to(reader& x) {
  while (!x.backlog.empty()) {
    const auto text = x.backlog.front();
    const auto size = ::send(x.fd.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (size < 0)
      return let_go(x, "reader_left", log_level::debug, left_);
    x.backlog.written(static_cast<std::size_t>(size));
  }
}

void line_server::let_go(reader& x, const char* event, log_level level, log_sampler& sampler) {
  x.is_gone = true;
  x.is_known = false;
  x.backlog = reader_backlog{options_.buffer_bytes_max};
  ::shutdown(x.fd.get(), SHUT_RDWR); // it knows at once; the descriptor goes with the next turn
  news_.raise();
  if (const auto count = sampler.count(clock::now()))
    say(level, event, *count);
}

void line_server::say(log_level level, const char* event, std::uint64_t count) {
  log_({level, event, {{"listen", options_.listen}, {"count", std::to_string(count)}}});
}

} // namespace actors
