#include "actors/os/peer_stream.hpp"

#include "actors/os/certificate_facts.hpp"
#include "actors/os/openssl_handle.hpp"
#include "actors/os/socket_bio.hpp"
#include "actors/os/stream_address.hpp"
#include "actors/os/tls_verdict.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <optional>
#include <utility>

#include <arpa/inet.h>
#include <openssl/x509v3.h>

namespace actors {

/// A session of TLS. Stays where it is: OpenSSL has pointers to it.
struct peer_stream::tls {
  std::shared_ptr<const tls_identity> identity; ///< shared with who made us: texts name its files
  std::string expected_name;
  socket_state socket;
  session_handle session;      ///< goes before what it points to
  std::string refusal;         ///< why we do not take the other's certificate
  bool is_open = false;        ///< hands were shaken
  std::optional<error> broken; ///< nothing but this can be had any more

  tl::unexpected<error> fail(tls_phase when);
  result<std::size_t> outcome_of(int outcome);
};

namespace {

/// The session that a certificate is being checked for.
template <class Tls>
Tls& owner_of(X509_STORE_CTX* check) {
  auto* session =
    static_cast<SSL*>(::X509_STORE_CTX_get_ex_data(check, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  return *static_cast<Tls*>(SSL_get_app_data(session));
}

/// Called by OpenSSL for each certificate of the chain, and for each thing that is wrong with it.
template <class Tls>
int look_at_certificate(int is_fine, X509_STORE_CTX* check) {
  const auto is_nameless = ::X509_STORE_CTX_get_error_depth(check) == 0
                           && names_of(::X509_STORE_CTX_get0_cert(check)).empty();
  if (is_fine == 1 && !is_nameless)
    return 1;
  if (is_fine == 1)
    ::X509_STORE_CTX_set_error(check, X509_V_ERR_APPLICATION_VERIFICATION);
  auto& owner = owner_of<Tls>(check);
  owner.refusal = why_refused(check, *owner.identity, owner.expected_name);
  return 0;
}

/// As it stands in certificates: "[::1]" and "collector." are "::1" and "collector".
std::string bare_name(std::string name) {
  if (name.size() > 2 && name.front() == '[' && name.back() == ']')
    return name.substr(1, name.size() - 2);
  if (name.size() > 1 && name.back() == '.')
    name.pop_back();
  return name;
}

bool expect_name(SSL* session, const std::string& name) {
  auto* rules = ::SSL_get0_param(session);
  ::X509_VERIFY_PARAM_set_hostflags(
    rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (name.empty())
    return true;
  if (is_ip_address(name))
    return ::X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1;
  return ::X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size()) == 1
         && SSL_set_tlsext_host_name(session, name.c_str()) == 1;
}

} // namespace

result<std::shared_ptr<peer_stream>> peer_stream::over(unique_fd socket, end which,
  std::shared_ptr<const tls_identity> identity, const std::string& expected_name) {
  const auto flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return system_failure(errno, "the connection");
  if (!identity)
    return std::shared_ptr<peer_stream>{new peer_stream{std::move(socket), nullptr}};

  const auto queue = clean_error_queue{};
  auto made = std::make_unique<tls>();
  made->identity = std::move(identity);
  made->socket.descriptor = socket.get();
  made->session.reset(::SSL_new(made->identity->context()));
  auto* session = made->session.get();
  auto* bio = session != nullptr ? new_socket_bio(made->socket) : nullptr;
  if (bio == nullptr)
    return failure(errc::system, "TLS cannot be used: " + openssl_reason());
  ::SSL_set_bio(session, bio, bio);
  SSL_set_app_data(session, made.get());
  ::SSL_set_verify(
    session, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, look_at_certificate<tls>);
  if (which == end::accepted) {
    ::SSL_set_accept_state(session);
  } else {
    made->expected_name = bare_name(expected_name);
    ::SSL_set_connect_state(session);
    if (!expect_name(session, made->expected_name))
      return failure(errc::invalid_argument,
        "\"" + expected_name + "\" can be no name of a certificate: a DNS name or an IP address");
  }
  return std::shared_ptr<peer_stream>{new peer_stream{std::move(socket), std::move(made)}};
}

peer_stream::peer_stream(unique_fd socket, std::unique_ptr<tls> session)
  : socket_{std::move(socket)}, tls_{std::move(session)} {
  if (!tls_)
    peer_names_ = {"loopback"};
}

peer_stream::~peer_stream() {
  if (tls_)
    say_end();
}

tl::unexpected<error> peer_stream::tls::fail(tls_phase when) {
  broken =
    refusal.empty() ? why_failed(socket, *identity, when) : error{errc::permission_denied, refusal};
  return tl::unexpected{*broken};
}

result<stream_step> peer_stream::shake_hands() {
  if (!tls_ || tls_->is_open)
    return stream_step::done;
  if (tls_->broken)
    return tl::unexpected{*tls_->broken};
  const auto queue = clean_error_queue{};
  auto* session = tls_->session.get();
  const auto outcome = ::SSL_do_handshake(session);
  if (outcome == 1) {
    tls_->is_open = true;
    peer_names_ = names_of(::SSL_get0_peer_certificate(session));
    return stream_step::done;
  }
  switch (::SSL_get_error(session, outcome)) {
    case SSL_ERROR_WANT_READ: return stream_step::wants_read;
    case SSL_ERROR_WANT_WRITE: return stream_step::wants_write;
    default: return tls_->fail(tls_phase::handshake);
  }
}

/// Of a read or write that moved nothing: 0, or why there will never be more.
result<std::size_t> peer_stream::tls::outcome_of(int outcome) {
  switch (::SSL_get_error(session.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return std::size_t{0};
    case SSL_ERROR_ZERO_RETURN:
      return failure(errc::closed, "the other end has ended the connection"); // and still reads
    default: return fail(tls_phase::open);
  }
}

result<std::size_t> peer_stream::read(std::span<char> into) {
  if (into.empty())
    return std::size_t{0};
  if (!tls_) {
    const auto got = ::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT);
    if (got == 0)
      return failure(errc::closed, "the other end has ended the connection");
    if (got > 0)
      return static_cast<std::size_t>(got);
    if (errno == EAGAIN || errno == EINTR)
      return std::size_t{0};
    return tl::unexpected{why_failed(errno)};
  }
  if (tls_->broken)
    return tl::unexpected{*tls_->broken};
  assert(tls_->is_open);
  const auto queue = clean_error_queue{};
  auto size = std::size_t{0};
  const auto outcome = ::SSL_read_ex(tls_->session.get(), into.data(), into.size(), &size);
  if (outcome == 1)
    return size;
  return tls_->outcome_of(outcome);
}

result<std::size_t> peer_stream::write(std::string_view bytes) {
  if (bytes.empty())
    return std::size_t{0};
  if (!tls_) {
    const auto put = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put >= 0)
      return static_cast<std::size_t>(put);
    if (errno == EAGAIN || errno == EINTR)
      return std::size_t{0};
    return tl::unexpected{why_failed(errno)};
  }
  if (tls_->broken)
    return tl::unexpected{*tls_->broken};
  assert(tls_->is_open);
  const auto queue = clean_error_queue{};
  auto* session = tls_->session.get();
  auto size = std::size_t{0};
  const auto outcome = ::SSL_write_ex(session, bytes.data(), bytes.size(), &size);
  if (outcome == 1)
    return size;
  auto result = tls_->outcome_of(outcome);
  if (!result && tls_->socket.error != 0) {
    // Whoever refused us has said why before it closed, and nobody has read it yet.
    const auto met = std::exchange(tls_->socket.error, 0);
    ::ERR_clear_error();
    auto ignored = char{};
    if (::SSL_peek_ex(session, &ignored, 1, &size) != 1
        && ERR_GET_LIB(::ERR_peek_error()) == ERR_LIB_SSL && !tls_->socket.is_at_end)
      return tls_->fail(tls_phase::open);
    tls_->socket.error = met;
  }
  return result;
}

bool peer_stream::holds_input() const {
  return tls_ && ::SSL_pending(tls_->session.get()) > 0;
}

void peer_stream::say_end() {
  if (!tls_) {
    ::shutdown(socket_.get(), SHUT_WR);
    return;
  }
  const auto queue = clean_error_queue{};
  if (tls_->is_open && tls_->socket.error == 0)
    ::SSL_shutdown(tls_->session.get());
}

} // namespace actors
