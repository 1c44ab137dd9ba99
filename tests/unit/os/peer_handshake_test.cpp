#include "actors/os/peer_stream.hpp"
#include "support/peer_ends.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <chrono>
#include <random>
#include <string>
#include <utility>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace peer_handshake_tests {

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
    for (const auto due = std::chrono::steady_clock::now() + peer_patience;;) {
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

} // namespace peer_handshake_tests

BOOST_FIXTURE_TEST_SUITE(peer_handshake_tests, two_nodes)

BOOST_AUTO_TEST_CASE(a_listener_with_another_name_is_refused_and_learns_why) {
  auto ends = connect_ends(web, "archive", collector);
  ends.shake_hands();
  BOOST_TEST(
    ends.dialled_text() == "the certificate of the other end is for collector, not for archive");
  BOOST_TEST((ends.dialled_step->error().code == errc::permission_denied));
  BOOST_TEST(mentions(
    ends.accepted_text(), "the other end refused our certificate (alert: bad certificate)"));
  BOOST_TEST(mentions(ends.accepted_text(), "is for collector; it dialled another name"));
}

BOOST_AUTO_TEST_CASE(a_name_may_be_an_address_and_is_compared_as_people_write_it) {
  auto terms = certificate_terms{};
  terms.names = {"127.0.0.1", "::1", "collector.example"};
  const auto listener = identity_of(ours.issue(terms));
  BOOST_TEST((listener->names() == terms.names));
  for (const auto* name :
    {"127.0.0.1", "::1", "[::1]", "0:0::1", "Collector.Example", "collector.example.", ""}) {
    auto ends = connect_ends(web, name, listener);
    ends.shake_hands();
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(ends.dialled_text() == "");
      BOOST_TEST(ends.accepted_text() == "");
    }
  }
  for (const auto* name : {"127.0.0.2", "::2", "collector", "example", "x.collector.example"}) {
    auto ends = connect_ends(web, name, listener);
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
  auto ends = connect_ends(web, "collector", identity_of(theirs.issue("collector")));
  ends.shake_hands();
  BOOST_TEST(mentions(
    ends.dialled_text(), "the certificate of the other end (collector) is signed by none of "
                           + ours.ca_file() + ", but by CN = actors private CA "));
  BOOST_TEST(mentions(ends.accepted_text(), "refused our certificate (alert: unknown CA)"));
  BOOST_TEST(mentions(ends.accepted_text(), "its CA file has nobody who signed"));
}

BOOST_AUTO_TEST_CASE(a_dialler_of_another_authority_is_refused_and_learns_it_when_it_reads) {
  auto theirs = authority{};
  auto files = theirs.issue("web-1"); // that also takes the certificates of ours
  write_file(theirs / "both.pem", content_of(theirs.ca_file()) + content_of(ours.ca_file()));
  files.ca_file = theirs / "both.pem";
  auto ends = connect_ends(identity_of(files), "collector", collector);
  ends.shake_hands();
  BOOST_TEST(mentions(ends.accepted_text(), "(web-1) is signed by none of " + ours.ca_file()));
  BOOST_TEST(ends.dialled_text() == ""); // TLS 1.3: it does not know yet
  ends.accepted = nullptr;
  char buffer[16];
  const auto got = read_next(*ends.dialled, buffer);
  BOOST_REQUIRE(!got);
  BOOST_TEST((got.error().code == errc::permission_denied));
  BOOST_TEST(
    mentions(got.error().text, "the other end refused our certificate (alert: unknown CA)"));
  BOOST_TEST((ends.dialled->write("x").error().text == got.error().text)); // and for ever
}

BOOST_AUTO_TEST_CASE(a_dialler_that_writes_first_learns_why_it_was_refused_too) {
  auto theirs = authority{};
  auto files = theirs.issue("web-1");
  write_file(theirs / "both.pem", content_of(theirs.ca_file()) + content_of(ours.ca_file()));
  files.ca_file = theirs / "both.pem";
  for (const auto connected : {connected_sockets, connected_tcp_sockets})
    for (const auto unread : {0, 3}) {
      auto ends = connect_ends(identity_of(files), "collector", collector, connected());
      ends.shake_hands();
      for (auto i = 0; i < unread; ++i)
        BOOST_TEST(*ends.dialled->write("hello") == 5u);
      ends.accepted = nullptr; // closed, with a word that nobody has read
      auto put = ends.dialled->write("hello");
      for (const auto due = std::chrono::steady_clock::now() + peer_patience; put;) {
        BOOST_REQUIRE((std::chrono::steady_clock::now() < due));
        put = ends.dialled->write("hello");
      }
      BOOST_TEST(
        mentions(put.error().text, "the other end refused our certificate (alert: unknown CA)"));
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
  BOOST_TEST(
    mentions(early.text, "the certificate of the other end (early) is not valid before 2"));
  BOOST_TEST(mentions(early.text, "the clock of this machine"));
}

BOOST_AUTO_TEST_CASE(one_without_a_certificate_is_refused) {
  const auto why = judge(collector, peer_stream::end::accepted, stranger{});
  BOOST_TEST(mentions(why.text, "the other end sent no certificate"));
  BOOST_TEST((why.code == errc::permission_denied));
}

BOOST_AUTO_TEST_CASE(one_whose_certificate_has_no_name_is_nobody) {
  for (const auto which : {peer_stream::end::accepted, peer_stream::end::dialled}) {
    const auto why = judge(web, which, stranger{ours.issue(certificate_terms{})});
    BOOST_TEST(mentions(why.text, "the certificate of the other end has no name (subjectAltName"));
    BOOST_TEST((why.code == errc::permission_denied));
  }
}

BOOST_AUTO_TEST_CASE(a_stranger_cannot_fill_our_log) {
  auto theirs = authority{};
  auto terms = certificate_terms{};
  for (auto i = 0; i < 500; ++i)
    terms.names.push_back(std::to_string(i) + std::string(60, 'x'));
  const auto why = judge(web, peer_stream::end::dialled, stranger{theirs.issue(terms)});
  BOOST_TEST(mentions(why.text, "(0xxx"));
  BOOST_TEST(mentions(why.text, "...) is signed by none of "));
  BOOST_TEST(why.text.size() < 1'000u);
}

BOOST_AUTO_TEST_CASE(a_certificate_for_one_end_is_refused_at_the_other) {
  auto terms = certificate_terms{};
  terms.names = {"collector"};
  terms.use = tls_use::to_dial;
  auto ends = connect_ends(web, "collector", identity_of(ours.issue(terms)));
  ends.shake_hands();
  BOOST_TEST(
    mentions(ends.dialled_text(), "(collector) may not be used at its end of a connection"));
  BOOST_TEST(mentions(ends.accepted_text(), "(alert: unsupported certificate)"));
  terms.use = tls_use::to_listen;
  auto other = connect_ends(identity_of(ours.issue(terms)), "collector", collector);
  other.shake_hands();
  BOOST_TEST(mentions(other.accepted_text(), "may not be used at its end of a connection"));
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
  BOOST_TEST(mentions(listener.text, "the other end speaks no TLS 1.3"));
}

BOOST_AUTO_TEST_CASE(a_name_that_no_certificate_can_have_is_refused_at_once) {
  auto sockets = connected_sockets();
  const auto none = peer_stream::over(
    std::move(sockets.dialled), peer_stream::end::dialled, web, std::string{"a\0b", 3});
  BOOST_REQUIRE(!none);
  BOOST_TEST((none.error().code == errc::invalid_argument));
  BOOST_TEST(!peer_stream::over(unique_fd{}, peer_stream::end::dialled, web, "x"));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_tls_are_told_as_such) {
  const auto plain =
    judge_bytes(collector, peer_stream::end::accepted, "ACTORS/1 hello, let me in\n");
  BOOST_TEST(mentions(plain.text, "the other end does not speak TLS"));
  BOOST_TEST((plain.code == errc::not_supported));
  BOOST_TEST(judge_bytes(collector, peer_stream::end::accepted, "GET / HTTP/1.1\r\n\r\n").text
             == "the other end does not speak TLS, but HTTP");
  BOOST_TEST(
    mentions(judge_bytes(web, peer_stream::end::dialled, "220 mail.example ESMTP\r\n").text,
      "the other end does not speak TLS"));
  const auto basp = std::string{"\1\0\0\0\0\0\0\0", 8} + std::string(24, '\0');
  BOOST_TEST(mentions(judge_bytes(collector, peer_stream::end::accepted, basp).text,
    "the other end does not speak TLS"));

  auto sockets = connected_sockets(); // said, and gone before it can be told
  const auto stream =
    stream_over(std::move(sockets.dialled), peer_stream::end::accepted, collector);
  send_bytes(sockets.accepted, "HELO mail.example\r\n");
  sockets.accepted.reset();
  BOOST_TEST(mentions(stream->shake_hands().error().text, "the other end does not speak TLS"));
}

BOOST_AUTO_TEST_CASE(noise_is_refused_and_harms_nobody) {
  auto random = std::mt19937{1};
  const auto real = first_words(web);
  for (auto i = 0; i < 3'000; ++i) {
    auto bytes = random_bytes(random, random() % 600);
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
  BOOST_TEST(mentions(early.text, "the other end closed the connection during the handshake"));
  const auto words = first_words(web);
  BOOST_TEST((judge_bytes(collector, peer_stream::end::accepted, words).code == errc::closed));
  BOOST_TEST((
    judge_bytes(collector, peer_stream::end::accepted, words.substr(0, 100)).code == errc::closed));
  BOOST_TEST((judge_bytes(web, peer_stream::end::dialled, "").code == errc::closed));
}

BOOST_AUTO_TEST_SUITE_END()
