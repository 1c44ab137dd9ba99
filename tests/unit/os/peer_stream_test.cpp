#include "actors/os/peer_stream.hpp"

#include "actors/os/openssl_handle.hpp"
#include "actors/os/stream_address.hpp"
#include "support/certificates.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>

#include <netinet/in.h>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 20s;

struct socket_pair {
  unique_fd dialled;
  unique_fd accepted;
};

socket_pair connected_sockets() {
  int fds[2];
  BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
  return {unique_fd{fds[0]}, unique_fd{fds[1]}};
}

/// The same over TCP, where one who closes without having read everything resets the connection.
socket_pair connected_tcp_sockets() {
  const auto listener = stream_address::parse("127.0.0.1:0")->listen();
  BOOST_REQUIRE(listener);
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_of(*listener));
  auto dialled = unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  BOOST_REQUIRE(
    ::connect(dialled.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  auto accepted = accept_stream(*listener);
  BOOST_REQUIRE(static_cast<bool>(accepted));
  return {std::move(dialled), std::move(accepted)};
}

std::shared_ptr<const tls_identity> identity_of(const tls_options& files) {
  auto loaded = tls_identity::load(files);
  BOOST_REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().text));
  return *loaded;
}

std::shared_ptr<peer_stream> stream_over(unique_fd socket, peer_stream::end which,
  std::shared_ptr<const tls_identity> identity, const std::string& name = {}) {
  auto made = peer_stream::over(std::move(socket), which, std::move(identity), name);
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().text));
  return *made;
}

/// Both ends of one connection, on one thread.
struct both_ends {
  std::shared_ptr<peer_stream> dialled;
  std::shared_ptr<peer_stream> accepted;
  std::optional<result<stream_step>> dialled_step;
  std::optional<result<stream_step>> accepted_step;

  static bool is_over(const std::optional<result<stream_step>>& step) {
    return step && (!*step || **step == stream_step::done);
  }

  void shake_hands() {
    const auto due = std::chrono::steady_clock::now() + patience;
    while (!is_over(dialled_step) || !is_over(accepted_step)) {
      if (!is_over(dialled_step))
        dialled_step = dialled->shake_hands();
      if (!is_over(accepted_step))
        accepted_step = accepted->shake_hands();
      BOOST_REQUIRE((std::chrono::steady_clock::now() < due));
    }
  }

  std::string dialled_text() const {
    return dialled_step->has_value() ? "" : dialled_step->error().text;
  }
  std::string accepted_text() const {
    return accepted_step->has_value() ? "" : accepted_step->error().text;
  }
};

both_ends connect(std::shared_ptr<const tls_identity> dialler, const std::string& name,
  std::shared_ptr<const tls_identity> listener, socket_pair sockets = connected_sockets()) {
  return {
    stream_over(std::move(sockets.dialled), peer_stream::end::dialled, std::move(dialler), name),
    stream_over(std::move(sockets.accepted), peer_stream::end::accepted, std::move(listener))};
}

/// What read() says when something has come.
result<std::size_t> read_next(peer_stream& from, std::span<char> into) {
  for (const auto due = std::chrono::steady_clock::now() + patience;;) {
    auto got = from.read(into);
    if (!got || *got > 0)
      return got;
    auto wait = pollfd{from.descriptor(), POLLIN, 0};
    BOOST_REQUIRE(::poll(&wait, 1, 20'000) == 1);
    BOOST_REQUIRE((std::chrono::steady_clock::now() < due));
  }
}

struct fixture {
  authority ours;
  std::shared_ptr<const tls_identity> web = identity_of(ours.issue("web-1"));
  std::shared_ptr<const tls_identity> collector = identity_of(ours.issue("collector"));

  ~fixture() { BOOST_TEST(::ERR_peek_error() == 0u); }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Another program at the other end: OpenSSL with whatever it may be told, on a socket that does
/// not block.
class stranger {
public:
  explicit stranger(const tls_options& files = {}) : context_{::SSL_CTX_new(::TLS_method())} {
    if (!files.certificate_file.empty()) {
      ::SSL_CTX_set_security_level(context_.get(), 0);
      BOOST_REQUIRE(
        ::SSL_CTX_use_certificate_chain_file(context_.get(), files.certificate_file.c_str()) == 1);
      BOOST_REQUIRE(
        ::SSL_CTX_use_PrivateKey_file(context_.get(), files.key_file.c_str(), SSL_FILETYPE_PEM)
        == 1);
    }
  }

  SSL_CTX* context() const { return context_.get(); }

  /// What ours says of the handshake, when it is over.
  error meet(peer_stream& ours, unique_fd socket, peer_stream::end of_ours) {
    socket_ = std::move(socket);
    session_.reset(::SSL_new(context_.get()));
    BOOST_REQUIRE(::fcntl(socket_.get(), F_SETFL, O_NONBLOCK) == 0);
    ::SSL_set_fd(session_.get(), socket_.get());
    if (of_ours == peer_stream::end::accepted)
      ::SSL_set_connect_state(session_.get());
    else
      ::SSL_set_accept_state(session_.get());
    for (const auto due = std::chrono::steady_clock::now() + patience;;) {
      ::SSL_do_handshake(session_.get());
      ::ERR_clear_error();
      const auto step = ours.shake_hands();
      if (!step)
        return step.error();
      BOOST_REQUIRE((*step != stream_step::done));
      BOOST_REQUIRE((std::chrono::steady_clock::now() < due));
    }
  }

private:
  context_handle context_;
  unique_fd socket_;
  session_handle session_;
};

/// What an end of ours says of a stranger with such a certificate.
error judge(std::shared_ptr<const tls_identity> ours, peer_stream::end which, stranger other) {
  auto sockets = connected_sockets();
  const auto stream = stream_over(std::move(sockets.dialled), which, std::move(ours));
  return other.meet(*stream, std::move(sockets.accepted), which);
}

void send_bytes(const unique_fd& to, std::string_view bytes) {
  BOOST_REQUIRE(::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
                == static_cast<ssize_t>(bytes.size()));
}

/// What ours says, when it has read all of `bytes` and the other end has closed.
error judge_bytes(
  std::shared_ptr<const tls_identity> ours, peer_stream::end which, std::string_view bytes) {
  auto sockets = connected_sockets();
  const auto stream = stream_over(std::move(sockets.dialled), which, std::move(ours));
  send_bytes(sockets.accepted, bytes);
  ::shutdown(sockets.accepted.get(), SHUT_WR);
  for (auto steps = 0; steps < 1'000; ++steps)
    if (const auto step = stream->shake_hands(); !step)
      return step.error();
    else
      BOOST_REQUIRE((*step != stream_step::done));
  BOOST_FAIL("it waits for one who has closed");
  return {};
}

/// What a dialler says first.
std::string first_words(std::shared_ptr<const tls_identity> identity) {
  auto sockets = connected_sockets();
  const auto stream = stream_over(
    std::move(sockets.dialled), peer_stream::end::dialled, std::move(identity), "collector");
  BOOST_TEST((*stream->shake_hands() == stream_step::wants_read));
  auto bytes = std::string(4096, '\0');
  const auto size = ::recv(sockets.accepted.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  BOOST_REQUIRE(size > 0);
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

void have_small_buffers(const peer_stream& stream) {
  const auto size = 4 * 1024;
  ::setsockopt(stream.descriptor(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  ::setsockopt(stream.descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/// A direction of a connection: what was sent, what came, in pieces of any size.
struct flow {
  peer_stream& from;
  peer_stream& to;
  std::string sent;
  std::string come;
  std::size_t taken = 0;

  void push() {
    if (taken == sent.size())
      return;
    const auto put = from.write(std::string_view{sent}.substr(taken));
    BOOST_REQUIRE_MESSAGE(put, (put ? "" : put.error().text));
    taken += *put;
  }
  void pull(std::size_t size) {
    auto buffer = std::string(size, '\0');
    const auto got = to.read(buffer);
    BOOST_REQUIRE_MESSAGE(got, (got ? "" : got.error().text));
    come.append(buffer, 0, *got);
  }
  bool is_over() const { return come.size() == sent.size(); }
};

std::string noise(std::mt19937& random, std::size_t size) {
  auto bytes = std::string(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>(random());
  return bytes;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(peer_stream_tests, fixture)

BOOST_AUTO_TEST_CASE(two_ends_of_one_authority_know_each_other_by_name) {
  auto ends = connect(web, "collector", collector);
  ends.shake_hands();
  BOOST_TEST(ends.dialled_text() == "");
  BOOST_TEST(ends.accepted_text() == "");
  BOOST_TEST((ends.dialled->peer_names() == std::vector<std::string>{"collector"}));
  BOOST_TEST((ends.accepted->peer_names() == std::vector<std::string>{"web-1"}));
  BOOST_TEST(*ends.dialled->write("hello") == 5u);
  char buffer[16];
  BOOST_TEST(*read_next(*ends.accepted, buffer) == 5u);
  BOOST_TEST((std::string_view{buffer, 5} == "hello"));
}

// -- who is let in
// ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_listener_with_another_name_is_refused_and_learns_why) {
  auto ends = connect(web, "archive", collector);
  ends.shake_hands();
  BOOST_TEST(
    ends.dialled_text() == "the certificate of the other end is for collector, not for archive");
  BOOST_TEST((ends.dialled_step->error().code == errc::permission_denied));
  BOOST_TEST(
    has(ends.accepted_text(), "the other end refused our certificate (alert: bad certificate)"));
  BOOST_TEST(has(ends.accepted_text(), "is for collector; it dialled another name"));
}

BOOST_AUTO_TEST_CASE(a_name_may_be_an_address_and_is_compared_as_people_write_it) {
  auto terms = certificate_terms{};
  terms.names = {"127.0.0.1", "::1", "collector.example"};
  const auto listener = identity_of(ours.issue(terms));
  BOOST_TEST((listener->names() == terms.names));
  for (const auto* name :
    {"127.0.0.1", "::1", "[::1]", "0:0::1", "Collector.Example", "collector.example.", ""}) {
    auto ends = connect(web, name, listener);
    ends.shake_hands();
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(ends.dialled_text() == "");
      BOOST_TEST(ends.accepted_text() == "");
    }
  }
  for (const auto* name : {"127.0.0.2", "::2", "collector", "example", "x.collector.example"}) {
    auto ends = connect(web, name, listener);
    ends.shake_hands();
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(ends.dialled_text()
                 == "the certificate of the other end is for 127.0.0.1, ::1, collector.example, "
                    "not for "
                      + std::string{name});
    }
  }
}

BOOST_AUTO_TEST_CASE(a_listener_of_another_authority_is_refused) {
  auto theirs = authority{};
  auto ends = connect(web, "collector", identity_of(theirs.issue("collector")));
  ends.shake_hands();
  BOOST_TEST(
    has(ends.dialled_text(), "the certificate of the other end (collector) is signed by none of "
                               + ours.ca_file() + ", but by CN = actors private CA "));
  BOOST_TEST(has(ends.accepted_text(), "refused our certificate (alert: unknown CA)"));
  BOOST_TEST(has(ends.accepted_text(), "its CA file has nobody who signed"));
}

BOOST_AUTO_TEST_CASE(a_dialler_of_another_authority_is_refused_and_learns_it_when_it_reads) {
  auto theirs = authority{};
  auto files = theirs.issue("web-1"); // that also takes the certificates of ours
  write_file(theirs / "both.pem", content_of(theirs.ca_file()) + content_of(ours.ca_file()));
  files.ca_file = theirs / "both.pem";
  auto ends = connect(identity_of(files), "collector", collector);
  ends.shake_hands();
  BOOST_TEST(has(ends.accepted_text(), "(web-1) is signed by none of " + ours.ca_file()));
  BOOST_TEST(ends.dialled_text() == ""); // TLS 1.3: it does not know yet
  ends.accepted = nullptr;
  char buffer[16];
  const auto got = read_next(*ends.dialled, buffer);
  BOOST_REQUIRE(!got);
  BOOST_TEST((got.error().code == errc::permission_denied));
  BOOST_TEST(has(got.error().text, "the other end refused our certificate (alert: unknown CA)"));
  BOOST_TEST((ends.dialled->write("x").error().text == got.error().text)); // and for ever
}

BOOST_AUTO_TEST_CASE(a_dialler_that_writes_first_learns_why_it_was_refused_too) {
  auto theirs = authority{};
  auto files = theirs.issue("web-1");
  write_file(theirs / "both.pem", content_of(theirs.ca_file()) + content_of(ours.ca_file()));
  files.ca_file = theirs / "both.pem";
  for (const auto connected : {connected_sockets, connected_tcp_sockets})
    for (const auto unread : {0, 3}) {
      auto ends = connect(identity_of(files), "collector", collector, connected());
      ends.shake_hands();
      for (auto i = 0; i < unread; ++i)
        BOOST_TEST(*ends.dialled->write("hello") == 5u);
      ends.accepted = nullptr; // closed, with a word that nobody has read
      auto put = ends.dialled->write("hello");
      for (const auto due = std::chrono::steady_clock::now() + patience; put;) {
        BOOST_REQUIRE((std::chrono::steady_clock::now() < due));
        put = ends.dialled->write("hello");
      }
      BOOST_TEST(
        has(put.error().text, "the other end refused our certificate (alert: unknown CA)"));
      BOOST_TEST((put.error().code == errc::permission_denied));
    }
}

BOOST_AUTO_TEST_CASE(one_whose_certificate_has_expired_is_refused_and_the_day_is_told) {
  auto terms = certificate_terms{};
  terms.names = {"old"};
  terms.begin = std::chrono::system_clock::time_point{} + 24h * 365 * 50;
  terms.end = std::chrono::system_clock::time_point{} + 24h * 365 * 51;
  const auto late = judge(collector, peer_stream::end::accepted, stranger{ours.issue(terms)});
  BOOST_TEST(
    late.text == "the certificate of the other end (old) has expired on 2020-12-19T00:00:00Z");
  BOOST_TEST((late.code == errc::permission_denied));
  terms.names = {"early"};
  terms.begin = std::chrono::system_clock::now() + 1h;
  terms.end = std::chrono::system_clock::now() + 2h;
  const auto early = judge(web, peer_stream::end::dialled, stranger{ours.issue(terms)});
  BOOST_TEST(has(early.text, "the certificate of the other end (early) is not valid before 2"));
  BOOST_TEST(has(early.text, "the clock of this machine"));
}

BOOST_AUTO_TEST_CASE(one_without_a_certificate_is_refused) {
  const auto why = judge(collector, peer_stream::end::accepted, stranger{});
  BOOST_TEST(has(why.text, "the other end sent no certificate"));
  BOOST_TEST((why.code == errc::permission_denied));
}

BOOST_AUTO_TEST_CASE(one_whose_certificate_has_no_name_is_nobody) {
  for (const auto which : {peer_stream::end::accepted, peer_stream::end::dialled}) {
    const auto why = judge(web, which, stranger{ours.issue(certificate_terms{})});
    BOOST_TEST(has(why.text, "the certificate of the other end has no name (subjectAltName"));
    BOOST_TEST((why.code == errc::permission_denied));
  }
}

BOOST_AUTO_TEST_CASE(a_certificate_for_one_end_is_refused_at_the_other) {
  auto terms = certificate_terms{};
  terms.names = {"collector"};
  terms.use = tls_use::to_dial;
  auto ends = connect(web, "collector", identity_of(ours.issue(terms)));
  ends.shake_hands();
  BOOST_TEST(has(ends.dialled_text(), "(collector) may not be used at its end of a connection"));
  BOOST_TEST(has(ends.accepted_text(), "(alert: unsupported certificate)"));
  terms.use = tls_use::to_listen;
  auto other = connect(identity_of(ours.issue(terms)), "collector", collector);
  other.shake_hands();
  BOOST_TEST(has(other.accepted_text(), "may not be used at its end of a connection"));
}

BOOST_AUTO_TEST_CASE(one_that_speaks_only_older_tls_is_told_so) {
  auto old = stranger{ours.issue("old")};
  ::SSL_CTX_set_max_proto_version(old.context(), TLS1_2_VERSION);
  const auto dialler = judge(collector, peer_stream::end::accepted, std::move(old));
  BOOST_TEST(dialler.text == "the other end speaks no TLS 1.3");
  BOOST_TEST((dialler.code == errc::not_supported));
  auto older = stranger{ours.issue("old")};
  ::SSL_CTX_set_max_proto_version(older.context(), TLS1_2_VERSION);
  const auto listener = judge(web, peer_stream::end::dialled, std::move(older));
  BOOST_TEST(has(listener.text, "the other end speaks no TLS 1.3"));
}

BOOST_AUTO_TEST_CASE(a_name_that_no_certificate_can_have_is_refused_at_once) {
  auto sockets = connected_sockets();
  const auto none = peer_stream::over(
    std::move(sockets.dialled), peer_stream::end::dialled, web, std::string{"a\0b", 3});
  BOOST_REQUIRE(!none);
  BOOST_TEST((none.error().code == errc::invalid_argument));
  BOOST_TEST(!peer_stream::over(unique_fd{}, peer_stream::end::dialled, web, "x"));
}

// -- who is no node at all
// ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(bytes_that_are_no_tls_are_told_as_such) {
  const auto plain =
    judge_bytes(collector, peer_stream::end::accepted, "ACTORS/1 hello, let me in\n");
  BOOST_TEST(has(plain.text, "the other end does not speak TLS"));
  BOOST_TEST((plain.code == errc::not_supported));
  BOOST_TEST(judge_bytes(collector, peer_stream::end::accepted, "GET / HTTP/1.1\r\n\r\n").text
             == "the other end does not speak TLS, but HTTP");
  BOOST_TEST(has(judge_bytes(web, peer_stream::end::dialled, "220 mail.example ESMTP\r\n").text,
    "the other end does not speak TLS"));
  const auto basp = std::string{"\1\0\0\0\0\0\0\0", 8} + std::string(24, '\0');
  BOOST_TEST(has(judge_bytes(collector, peer_stream::end::accepted, basp).text,
    "the other end does not speak TLS"));

  auto sockets = connected_sockets(); // said, and gone before it can be told
  const auto stream =
    stream_over(std::move(sockets.dialled), peer_stream::end::accepted, collector);
  send_bytes(sockets.accepted, "HELO mail.example\r\n");
  sockets.accepted.reset();
  BOOST_TEST(has(stream->shake_hands().error().text, "the other end does not speak TLS"));
}

BOOST_AUTO_TEST_CASE(noise_is_refused_and_harms_nobody) {
  auto random = std::mt19937{1};
  const auto real = first_words(web);
  for (auto i = 0; i < 3'000; ++i) {
    auto bytes = noise(random, random() % 600);
    if (i % 3 == 0) { // a record of TLS, and noise in it
      const auto size = bytes.size();
      bytes.insert(0, {'\x16', '\3', '\1', static_cast<char>(size >> 8), static_cast<char>(size)});
    } else if (i % 3 == 1) { // the real thing, with a few bytes changed, or cut short
      bytes = real;
      for (auto n = random() % 4; n-- > 0;)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      bytes.resize(random() % 2 == 0 ? bytes.size() : random() % bytes.size());
    }
    const auto why = judge_bytes(i % 2 == 0 ? collector : web,
      i % 2 == 0 ? peer_stream::end::accepted : peer_stream::end::dialled, bytes);
    BOOST_TEST(!why.text.empty());
    BOOST_REQUIRE(::ERR_peek_error() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_says_nothing_costs_no_time) {
  auto sockets = connected_sockets();
  const auto listener =
    stream_over(std::move(sockets.accepted), peer_stream::end::accepted, collector);
  const auto dialler =
    stream_over(std::move(sockets.dialled), peer_stream::end::dialled, web, "collector");
  for (auto i = 0; i < 100; ++i)
    BOOST_TEST((*listener->shake_hands() == stream_step::wants_read));
  BOOST_TEST((*dialler->shake_hands() == stream_step::wants_read));
  BOOST_TEST((*dialler->shake_hands() == stream_step::wants_read));
  BOOST_TEST(!listener->holds_input());
  BOOST_TEST(listener->peer_names().empty());
}

BOOST_AUTO_TEST_CASE(a_peer_that_takes_nothing_is_waited_for_and_not_blocked_on) {
  auto sockets = connected_sockets();
  const auto size = 1;
  ::setsockopt(sockets.dialled.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  const auto junk = std::string(100'000, 'x');
  while (::send(sockets.dialled.get(), junk.data(), junk.size(), MSG_DONTWAIT) > 0) {
  }
  const auto dialler =
    stream_over(std::move(sockets.dialled), peer_stream::end::dialled, web, "collector");
  BOOST_TEST((*dialler->shake_hands() == stream_step::wants_write));
}

BOOST_AUTO_TEST_CASE(a_peer_that_closes_in_the_middle_of_the_handshake_is_told_as_closed) {
  const auto early = judge_bytes(collector, peer_stream::end::accepted, "");
  BOOST_TEST((early.code == errc::closed));
  BOOST_TEST(has(early.text, "the other end closed the connection during the handshake"));
  const auto words = first_words(web);
  BOOST_TEST((judge_bytes(collector, peer_stream::end::accepted, words).code == errc::closed));
  BOOST_TEST((
    judge_bytes(collector, peer_stream::end::accepted, words.substr(0, 100)).code == errc::closed));
  BOOST_TEST((judge_bytes(web, peer_stream::end::dialled, "").code == errc::closed));
}

// -- bytes
// ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(much_goes_both_ways_through_small_buffers) {
  auto random = std::mt19937{2};
  for (const auto& [first, second] : {std::pair{web, collector}, {nullptr, nullptr}}) {
    auto ends = connect(first, "collector", second);
    have_small_buffers(*ends.dialled);
    have_small_buffers(*ends.accepted);
    ends.shake_hands();
    auto up = flow{*ends.dialled, *ends.accepted, noise(random, 3'000'000), {}};
    auto down = flow{*ends.accepted, *ends.dialled, noise(random, 2'000'000), {}};
    const auto due = std::chrono::steady_clock::now() + patience;
    while (!up.is_over() || !down.is_over()) {
      switch (random() % 4) {
        case 0: up.push(); break;
        case 1: down.push(); break;
        case 2: up.pull(1 + random() % 20'000); break;
        default: down.pull(1 + random() % 20'000);
      }
      BOOST_REQUIRE((std::chrono::steady_clock::now() < due));
    }
    BOOST_TEST((up.come == up.sent));
    BOOST_TEST((down.come == down.sent));
    BOOST_TEST(!ends.dialled->holds_input());
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_makes_the_writer_wait) {
  auto ends = connect(web, "collector", collector);
  have_small_buffers(*ends.dialled);
  ends.shake_hands();
  const auto bytes = std::string(1'000'000, 'x');
  auto all = std::size_t{0};
  for (;;) {
    const auto put = ends.dialled->write(std::string_view{bytes}.substr(all));
    BOOST_REQUIRE(put);
    if (*put == 0)
      break;
    all += *put;
  }
  BOOST_TEST(all < bytes.size());
  BOOST_TEST(*ends.dialled->write(std::string{bytes.substr(all)}) == 0u); // from another place
  auto rest = flow{*ends.dialled, *ends.accepted, bytes, {}, all};
  while (!rest.is_over()) {
    rest.pull(10'000);
    rest.push();
  }
  BOOST_TEST((rest.come == bytes));
}

BOOST_AUTO_TEST_CASE(bytes_that_were_decrypted_and_not_read_are_seen) {
  auto ends = connect(web, "collector", collector);
  ends.shake_hands();
  BOOST_TEST(!ends.accepted->holds_input());
  BOOST_TEST(*ends.dialled->write(std::string(10'000, 'x')) == 10'000u);
  BOOST_TEST(!ends.accepted->holds_input()); // it is the kernel that holds them
  char buffer[6'000];
  BOOST_TEST(*read_next(*ends.accepted, buffer) == 6'000u);
  BOOST_TEST(ends.accepted->holds_input());
  BOOST_TEST(*ends.accepted->read(std::span<char>{}) == 0u);
  BOOST_TEST(*ends.accepted->read(buffer) == 4'000u);
  BOOST_TEST(!ends.accepted->holds_input());
  BOOST_TEST(*ends.accepted->read(buffer) == 0u);
}

BOOST_AUTO_TEST_CASE(no_tickets_are_sent_and_every_connection_shows_its_certificate) {
  auto ends = connect(web, "collector", collector);
  ends.shake_hands();
  auto wait = pollfd{ends.dialled->descriptor(), POLLIN, 0};
  BOOST_TEST(::poll(&wait, 1, 0) == 0); // nothing has come behind the handshake
}

BOOST_AUTO_TEST_CASE(one_who_has_ended_is_told_from_one_who_was_cut_off) {
  char buffer[16];
  auto ends = connect(web, "collector", collector);
  ends.shake_hands();
  BOOST_TEST(*ends.dialled->write("last") == 4u);
  ends.dialled = nullptr; // says that there is no more
  BOOST_TEST(*read_next(*ends.accepted, buffer) == 4u);
  const auto end = read_next(*ends.accepted, buffer);
  BOOST_REQUIRE(!end);
  BOOST_TEST((end.error().code == errc::closed));
  BOOST_TEST(has(end.error().text, "has ended the connection"));

  auto others = connect(web, "collector", collector);
  others.shake_hands();
  ::shutdown(others.dialled->descriptor(), SHUT_RDWR); // as if it was killed
  const auto cut = read_next(*others.accepted, buffer);
  BOOST_REQUIRE(!cut);
  BOOST_TEST((cut.error().code == errc::system));
  BOOST_TEST(cut.error().text == "the connection was cut: the other end is gone without a word");
}

BOOST_AUTO_TEST_CASE(one_who_has_ended_can_still_be_written_to) {
  char buffer[16];
  for (const auto& [first, second] : {std::pair{web, collector}, {nullptr, nullptr}}) {
    auto ends = connect(first, "collector", second);
    ends.shake_hands();
    ends.dialled->say_end();
    BOOST_TEST((read_next(*ends.accepted, buffer).error().code == errc::closed));
    const auto put = ends.accepted->write("well then");
    BOOST_REQUIRE_MESSAGE(put, (put ? "" : put.error().text));
    BOOST_TEST(*read_next(*ends.dialled, buffer) == 9u);
    BOOST_TEST(!ends.dialled->write("more")); // one has one's word
  }
}

BOOST_AUTO_TEST_CASE(writing_to_one_who_is_gone_is_an_error_and_no_signal) {
  for (const auto& [first, second] : {std::pair{web, collector}, {nullptr, nullptr}}) {
    auto ends = connect(first, "collector", second);
    ends.shake_hands();
    ends.accepted = nullptr;
    auto put = ends.dialled->write("x");
    for (auto i = 0; put && i < 10; ++i)
      put = ends.dialled->write("x");
    BOOST_REQUIRE(!put);
    BOOST_TEST((put.error().code == errc::closed));
    auto half = connect(first, "collector", second);
    if (first)
      BOOST_TEST((*half.dialled->shake_hands() == stream_step::wants_read));
    half.accepted = nullptr;
    half.dialled = nullptr; // nothing to say any more
  }
}

BOOST_AUTO_TEST_CASE(what_another_left_in_the_queue_of_errors_is_not_taken_for_ours) {
  auto ends = connect(web, "collector", collector);
  ends.shake_hands();
  char buffer[16];
  ERR_raise(ERR_LIB_X509, ERR_R_INTERNAL_ERROR);
  BOOST_TEST(*ends.dialled->read(buffer) == 0u);
  ERR_raise(ERR_LIB_SSL, SSL_AD_REASON_OFFSET + SSL_AD_UNKNOWN_CA);
  BOOST_TEST(*ends.dialled->write("x") == 1u);
  BOOST_TEST(::ERR_peek_error() == 0u);
}

// -- in the clear
// ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(in_the_clear_hands_are_shaken_at_once_and_the_other_end_is_loopback) {
  auto ends = connect(nullptr, "", nullptr);
  BOOST_TEST((*ends.dialled->shake_hands() == stream_step::done));
  BOOST_TEST((ends.accepted->peer_names() == std::vector<std::string>{"loopback"}));
  BOOST_TEST(!ends.dialled->is_tls());
  char buffer[16];
  BOOST_TEST(*ends.accepted->read(buffer) == 0u); // does not block
  BOOST_TEST(*ends.dialled->write("hello") == 5u);
  BOOST_TEST(*read_next(*ends.accepted, buffer) == 5u);
  BOOST_TEST(!ends.accepted->holds_input());
  ends.dialled = nullptr;
  BOOST_TEST((read_next(*ends.accepted, buffer).error().code == errc::closed));
}

BOOST_AUTO_TEST_CASE(one_in_the_clear_and_one_with_tls_do_not_understand_each_other) {
  auto ends = connect(nullptr, "", collector);
  BOOST_TEST(*ends.dialled->write("a preface of ours, in the clear\n") > 0u);
  const auto step = ends.accepted->shake_hands();
  BOOST_REQUIRE(!step);
  BOOST_TEST(has(step.error().text, "does it want a connection in the clear?"));
}

BOOST_AUTO_TEST_SUITE_END()
