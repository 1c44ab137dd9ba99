#include "actors/admin/door_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <limits>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace actors {

namespace {

/// False when the deadline passed.
bool wait_for(int fd, short what, time_point due) {
  const auto left = left_until(due, std::chrono::steady_clock::now()).count();
  auto wait = pollfd{fd, what, 0};
  return left > 0 && (::poll(&wait, 1, static_cast<int>(left)) > 0 || errno == EINTR);
}

bool is_hung_up(int fd) {
  auto wait = pollfd{fd, POLLRDHUP, 0};
  return ::poll(&wait, 1, 0) > 0;
}

class plain final : public door_connection {
public:
  explicit plain(int fd) : fd_{fd} {}

  bool greet(time_point) override { return true; }

  std::size_t read(char* into, std::size_t size, time_point due) override {
    for (;;) {
      const auto got = ::recv(fd_, into, size, 0);
      if (got >= 0)
        return static_cast<std::size_t>(got);
      if ((errno != EAGAIN && errno != EINTR) || !wait_for(fd_, POLLIN, due))
        return 0;
    }
  }

  bool write(std::string_view bytes, time_point due) override {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      else if ((errno != EAGAIN && errno != EINTR) || !wait_for(fd_, POLLOUT, due))
        return false;
    }
    return true;
  }

  void say_end() override { ::shutdown(fd_, SHUT_WR); }
  bool is_open() const override { return !is_hung_up(fd_); }

private:
  const int fd_;
};

/// The thread must have SIGPIPE blocked: OpenSSL writes without MSG_NOSIGNAL.
class tls final : public door_connection {
public:
  tls(SSL* session, int fd) : session_{session}, fd_{fd} {}
  ~tls() override { ::SSL_free(session_); }

  bool greet(time_point due) override {
    return retry(due, [&] { return ::SSL_accept(session_); }) > 0;
  }
  std::size_t read(char* into, std::size_t size, time_point due) override {
    const auto got = retry(due, [&] { return ::SSL_read(session_, into, length(size)); });
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  bool write(std::string_view bytes, time_point due) override {
    while (!bytes.empty()) {
      const auto sent =
        retry(due, [&] { return ::SSL_write(session_, bytes.data(), length(bytes.size())); });
      if (sent <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void say_end() override {
    ::ERR_clear_error();
    if (::SSL_is_init_finished(session_) == 1)
      ::SSL_shutdown(session_);
    ::ERR_clear_error();
    ::shutdown(fd_, SHUT_WR);
  }
  bool is_open() const override { return !is_hung_up(fd_); }

private:
  static int length(std::size_t size) {
    return static_cast<int>(
      std::min<std::size_t>(size, std::size_t{std::numeric_limits<int>::max()}));
  }

  template <class Call>
  int retry(time_point due, Call call) {
    for (;;) {
      ::ERR_clear_error(); // what a thread left behind is taken for the next call's
      const auto done = call();
      if (done > 0)
        return done;
      const auto why = ::SSL_get_error(session_, done);
      ::ERR_clear_error();
      if ((why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
          || !wait_for(fd_, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, due))
        return 0;
    }
  }

  SSL* const session_;
  const int fd_;
};

} // namespace

std::unique_ptr<door_connection> plain_connection(const unique_fd& socket) {
  return std::make_unique<plain>(socket.get());
}

result<std::unique_ptr<door_identity>> door_identity::load(
  const std::string& certificate_file, const std::string& key_file) {
  auto* context = ::SSL_CTX_new(::TLS_server_method());
  if (context == nullptr)
    return failure(errc::system, "OpenSSL refuses to begin");
  auto made = std::unique_ptr<door_identity>{new door_identity{context}};
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // No renegotiation, no compression, no tickets: nothing that makes a peer cheap and us busy.
  ::SSL_CTX_set_options(
    context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const auto is_loaded =
    ::SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) == 1;
  if (!is_loaded) {
    ::ERR_clear_error();
    return failure(
      errc::invalid_argument, certificate_file + ": no certificate (PEM) can be read from it");
  }
  if (::SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1
      || ::SSL_CTX_check_private_key(context) != 1) {
    ::ERR_clear_error();
    return failure(errc::invalid_argument,
      "\"" + key_file + "\": no key (PEM) of " + certificate_file + " can be read from it");
  }
  return made;
}

door_identity::~door_identity() {
  ::SSL_CTX_free(static_cast<SSL_CTX*>(context_));
}

std::unique_ptr<door_connection> door_identity::connection(const unique_fd& socket) const {
  auto* session = ::SSL_new(static_cast<SSL_CTX*>(context_));
  if (session == nullptr || ::SSL_set_fd(session, socket.get()) != 1) {
    ::SSL_free(session);
    ::ERR_clear_error();
    return nullptr;
  }
  return std::make_unique<tls>(session, socket.get());
}

} // namespace actors
