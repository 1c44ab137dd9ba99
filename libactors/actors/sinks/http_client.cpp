#include "actors/sinks/http_client.hpp"

#include "actors/core/time_point.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/socket_breaker.hpp"
#include "actors/os/wake_event.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <httplib.h>

namespace actors {

namespace {

using clock = std::chrono::steady_clock;

/// What is read of an answer: enough to see what is wrong. One that goes on is cut off.
constexpr auto body_bytes_max = std::size_t{64} * 1024;
constexpr auto excerpt_bytes_max = std::size_t{200};

/// How long a broken connection may take to be noticed by the thread that has it. After that the
/// thread is left to itself: it resolves a name, which nothing interrupts.
constexpr auto break_patience = std::chrono::milliseconds{1000};

std::string printable(std::string_view bytes) {
  auto text = std::string{};
  for (const auto x : bytes.substr(0, excerpt_bytes_max))
    text.push_back(
      static_cast<unsigned char>(x) < ' ' || static_cast<unsigned char>(x) >= 0x7F ? ' ' : x);
  return text;
}

std::string text_of(httplib::Error why, const http_address& where) {
  switch (why) {
    case httplib::Error::Connection: return "no connection";
    case httplib::Error::ConnectionTimeout: return "no connection in time";
    case httplib::Error::Read: return "the connection ended before the answer";
    case httplib::Error::Write: return "the connection ended while posting";
    case httplib::Error::SSLConnection: return "no TLS with " + where.shown();
    case httplib::Error::SSLLoadingCerts: return "the certificates of ca_file cannot be loaded";
    case httplib::Error::SSLServerVerification:
      return "the certificate of " + where.shown() + " is not trusted";
    default: return "posting failed: " + httplib::to_string(why);
  }
}

std::unique_ptr<httplib::ClientImpl> make_connection(
  const http_address& where, const http_sink_options& options, socket_breaker& breaker) {
  auto made = std::unique_ptr<httplib::ClientImpl>{};
  if (where.is_secure) {
    made = std::make_unique<httplib::SSLClient>(where.host, where.port);
    made->enable_server_certificate_verification(options.verify);
    if (!options.ca_file.empty())
      made->set_ca_cert_path(options.ca_file);
  } else {
    made = std::make_unique<httplib::ClientImpl>(where.host, where.port);
  }
  made->set_connection_timeout(options.connect_timeout);
  made->set_read_timeout(2 * options.timeout); // `post` gives up before, and says why
  made->set_write_timeout(2 * options.timeout);
  made->set_keep_alive(true);
  made->set_follow_location(false);
  made->set_decompress(false);
  made->set_tcp_nodelay(true);
  made->set_socket_options([&breaker](int socket) { breaker.watch(socket); });
  return made;
}

std::string host_header(const http_address& where) {
  const auto shown = where.shown();
  const auto begin = shown.find("://") + 3;
  return shown.substr(begin, shown.find('/', begin) - begin);
}

} // namespace

/// The thread that posts, and what it shares with whoever waits. One post at a time.
class http_client::worker {
public:
  worker(const http_address& where, const http_sink_options& options)
    : address_{where}, connection_{make_connection(where, options, breaker_)} {}

  static std::shared_ptr<worker> start(
    const http_address& where, const http_sink_options& options) {
    auto made = std::make_shared<worker>(where, options);
    std::thread{[made] { made->run(); }}.detach(); // who waits has a deadline: `quit`
    return made;
  }

  void begin(httplib::Request what) {
    const auto held = std::scoped_lock{mutex_};
    breaker_.mend();
    finished_.lower();
    answer_ = {};
    what_ = std::move(what);
    is_busy_ = true;
    changed_.notify_all();
  }

  bool is_busy() {
    const auto held = std::scoped_lock{mutex_};
    return is_busy_;
  }
  http_answer answer() {
    const auto held = std::scoped_lock{mutex_};
    return answer_;
  }
  int finished_descriptor() const { return finished_.descriptor(); }

  /// Ends what is posted. False when that takes too long.
  bool break_off() {
    breaker_.break_off();
    auto held = std::unique_lock{mutex_};
    return changed_.wait_for(held, break_patience, [&] { return !is_busy_; });
  }

  /// Its thread ends, when it can.
  void quit() {
    {
      const auto held = std::scoped_lock{mutex_};
      must_quit_ = true;
    }
    changed_.notify_all();
    breaker_.break_off();
    auto held = std::unique_lock{mutex_};
    changed_.wait_for(held, break_patience, [&] { return has_quit_; });
  }

private:
  void run() {
    block_signals();
    for (;;) {
      auto what = std::optional<httplib::Request>{};
      {
        auto held = std::unique_lock{mutex_};
        changed_.wait(held, [&] { return must_quit_ || what_; });
        if (must_quit_)
          break;
        what.swap(what_);
      }
      post(*what);
    }
    connection_.reset();
    const auto held = std::scoped_lock{mutex_};
    has_quit_ = true;
    changed_.notify_all();
  }

  void post(httplib::Request& what) {
    auto body = std::string{};
    what.response_handler = [&](const httplib::Response& head) {
      note(head);
      return true;
    };
    what.content_receiver = [&](const char* bytes, std::size_t size, std::uint64_t, std::uint64_t) {
      body.append(bytes, std::min(size, body_bytes_max - body.size()));
      return body.size() < body_bytes_max;
    };
    auto response = httplib::Response{};
    auto why = httplib::Error::Success;
    auto trouble = std::string{};
    try {
      if (connection_->send(what, response, why))
        note(response);
      else
        trouble = text_of(why, address_);
    } catch (const std::exception& x) { // of the library: no memory, a thread that cannot be made
      trouble = x.what();
    }
    const auto held = std::scoped_lock{mutex_};
    answer_.excerpt = printable(body);
    if (answer_.status == 0) // what a server said counts, however its words ended
      answer_.trouble = std::move(trouble);
    is_busy_ = false;
    finished_.raise();
    changed_.notify_all();
  }

  void note(const httplib::Response& head) {
    const auto held = std::scoped_lock{mutex_};
    answer_.status = head.status;
    answer_.retry_after = head.get_header_value("Retry-After");
    answer_.location = printable(head.get_header_value("Location"));
  }

  const http_address address_;
  socket_breaker breaker_;
  std::unique_ptr<httplib::ClientImpl> connection_; ///< the thread's
  wake_event finished_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<httplib::Request> what_; ///< to be posted
  http_answer answer_;                   ///< as far as it has come
  bool is_busy_ = false;
  bool must_quit_ = false;
  bool has_quit_ = false;
};

http_client::http_client(http_address where, const http_sink_options& options)
  : address_{std::move(where)}, options_{options} {}

http_client::~http_client() {
  give_up();
}

void http_client::give_up() {
  if (worker_)
    worker_->quit();
  worker_.reset();
}

std::optional<http_answer> http_client::post(
  const headers& with, std::string body, int wake, const std::function<bool()>& must_stop) {
  auto what = httplib::Request{};
  what.method = "POST";
  what.path = address_.target;
  what.set_header("Host", host_header(address_));
  for (const auto& [name, value] : with)
    what.set_header(name, value);
  what.body = std::move(body);
  if (!worker_)
    worker_ = worker::start(address_, options_);
  worker_->begin(std::move(what));
  const auto due = clock::now() + options_.timeout;
  while (worker_->is_busy()) {
    const auto left = left_until(due, clock::now());
    const auto is_over = left.count() == 0;
    if (is_over || must_stop()) {
      const auto ended = worker_->break_off();
      auto answer = worker_->answer();
      if (!ended)
        give_up(); // a new one next time
      if (answer.status != 0)
        return answer;
      if (!is_over)
        return std::nullopt;
      answer.trouble = "no answer within " + std::to_string(options_.timeout.count()) + " ms";
      return answer;
    }
    wait_readable({wake, worker_->finished_descriptor()}, left);
  }
  return worker_->answer();
}

} // namespace actors
