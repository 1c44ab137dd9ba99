#include "actors/os/peer_stream.hpp"

#include "support/peer_ends.hpp"

#include <boost/test/unit_test.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <utility>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace peer_stream_tests {

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

} // namespace peer_stream_tests

BOOST_FIXTURE_TEST_SUITE(peer_stream_tests, two_nodes)

BOOST_AUTO_TEST_CASE(two_ends_of_one_authority_know_each_other_by_name) {
  auto ends = connect_ends(web, "collector", collector);
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

BOOST_AUTO_TEST_CASE(much_goes_both_ways_through_small_buffers) {
  auto random = std::mt19937{2};
  for (const auto& [first, second] : {std::pair{web, collector}, {nullptr, nullptr}}) {
    auto ends = connect_ends(first, "collector", second);
    have_small_buffers(*ends.dialled);
    have_small_buffers(*ends.accepted);
    ends.shake_hands();
    auto up = flow{*ends.dialled, *ends.accepted, random_bytes(random, 3'000'000), {}};
    auto down = flow{*ends.accepted, *ends.dialled, random_bytes(random, 2'000'000), {}};
    const auto due = std::chrono::steady_clock::now() + peer_patience;
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
  auto ends = connect_ends(web, "collector", collector);
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
  auto ends = connect_ends(web, "collector", collector);
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
  auto ends = connect_ends(web, "collector", collector);
  ends.shake_hands();
  auto wait = pollfd{ends.dialled->descriptor(), POLLIN, 0};
  BOOST_TEST(::poll(&wait, 1, 0) == 0); // nothing has come behind the handshake
}

BOOST_AUTO_TEST_CASE(one_who_has_ended_is_told_from_one_who_was_cut_off) {
  char buffer[16];
  auto ends = connect_ends(web, "collector", collector);
  ends.shake_hands();
  BOOST_TEST(*ends.dialled->write("last") == 4u);
  ends.dialled = nullptr; // says that there is no more
  BOOST_TEST(*read_next(*ends.accepted, buffer) == 4u);
  const auto end = read_next(*ends.accepted, buffer);
  BOOST_REQUIRE(!end);
  BOOST_TEST((end.error().code == errc::closed));
  BOOST_TEST(mentions(end.error().text, "has ended the connection"));

  auto others = connect_ends(web, "collector", collector);
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
    auto ends = connect_ends(first, "collector", second);
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
  const auto before = std::signal(SIGPIPE, SIG_DFL); // as in a host that knows nothing of it
  for (const auto& [first, second] : {std::pair{web, collector}, {nullptr, nullptr}}) {
    auto ends = connect_ends(first, "collector", second);
    ends.shake_hands();
    ends.accepted = nullptr;
    auto put = ends.dialled->write("x");
    for (auto i = 0; put && i < 10; ++i)
      put = ends.dialled->write("x");
    BOOST_REQUIRE(!put);
    BOOST_TEST((put.error().code == errc::closed));
    auto half = connect_ends(first, "collector", second);
    if (first)
      BOOST_TEST((*half.dialled->shake_hands() == stream_step::wants_read));
    half.accepted = nullptr;
    half.dialled = nullptr; // nothing to say any more
  }
  std::signal(SIGPIPE, before);
}

BOOST_AUTO_TEST_CASE(one_that_is_dropped_in_the_middle_of_a_record_waits_for_nobody) {
  auto ends = connect_ends(web, "collector", collector);
  have_small_buffers(*ends.dialled);
  ends.shake_hands();
  const auto bytes = std::string(16'000, 'x');
  while (*ends.dialled->write(bytes) > 0) {
  }
  ends.dialled = nullptr;
  auto buffer = std::string(20'000, '\0');
  auto got = ends.accepted->read(buffer);
  while (got && *got > 0)
    got = ends.accepted->read(buffer);
  BOOST_REQUIRE(!got);
  BOOST_TEST((got.error().code == errc::system)); // cut: half a record has come
}

BOOST_AUTO_TEST_CASE(what_another_left_in_the_queue_of_errors_is_not_taken_for_ours) {
  auto ends = connect_ends(web, "collector", collector);
  ends.shake_hands();
  char buffer[16];
  ERR_raise(ERR_LIB_X509, ERR_R_INTERNAL_ERROR);
  BOOST_TEST(*ends.dialled->read(buffer) == 0u);
  ERR_raise(ERR_LIB_SSL, SSL_AD_REASON_OFFSET + SSL_AD_UNKNOWN_CA);
  BOOST_TEST(*ends.dialled->write("x") == 1u);
  BOOST_TEST(::ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_CASE(in_the_clear_hands_are_shaken_at_once_and_the_other_end_is_loopback) {
  auto ends = connect_ends(nullptr, "", nullptr);
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
  auto ends = connect_ends(nullptr, "", collector);
  BOOST_TEST(*ends.dialled->write("a preface of ours, in the clear\n") > 0u);
  const auto step = ends.accepted->shake_hands();
  BOOST_REQUIRE(!step);
  BOOST_TEST(mentions(step.error().text, "does it want a connection in the clear?"));
}

BOOST_AUTO_TEST_SUITE_END()
