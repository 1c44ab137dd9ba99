#include "actors/os/byte_sink.hpp"

#include "actors/os/wake_event.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <fstream>
#include <iterator>
#include <thread>

#include <signal.h>

using namespace actors;
using namespace actors::test;

namespace byte_sink_tests {

using outcome = byte_sink::outcome;

struct two_ends {
  unique_fd reader;
  unique_fd writer;

  static two_ends pipe() {
    int fds[2];
    BOOST_REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
    return {unique_fd{fds[0]}, unique_fd{fds[1]}};
  }
  static two_ends sockets() {
    int fds[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    return {unique_fd{fds[0]}, unique_fd{fds[1]}};
  }

  std::string read(std::size_t size) const {
    auto text = std::string(size, '\0');
    auto got = std::size_t{0};
    while (got < size) {
      const auto n = ::read(reader.get(), text.data() + got, size - got);
      if (n <= 0)
        break;
      got += static_cast<std::size_t>(n);
    }
    text.resize(got);
    return text;
  }
};

outcome write(byte_sink& sink, std::string_view bytes, int wake, std::size_t& written) {
  const auto result = sink.write(bytes, wake, written);
  BOOST_REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().text));
  return *result;
}

/// Many times what a pipe or a socket holds.
std::string flood() {
  auto text = std::string(4 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = static_cast<char>(i * 2654435761u >> 13);
  return text;
}

} // namespace byte_sink_tests

BOOST_AUTO_TEST_SUITE(byte_sink_tests)

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_every_byte) {
  for (auto ends : {two_ends::pipe, two_ends::sockets}) {
    const auto both = ends();
    const auto text = flood();
    auto received = std::string{};
    auto reader = std::thread{[&] { received = both.read(text.size()); }};
    auto sink = descriptor_sink{both.writer.get()};
    auto written = std::size_t{0};
    const auto wake = wake_event{};
    BOOST_TEST((write(sink, text, wake.descriptor(), written) == outcome::written));
    reader.join();
    BOOST_TEST(written == text.size());
    BOOST_TEST((received == text));
  }
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_gone_is_told_without_a_signal) {
  for (auto ends : {two_ends::pipe, two_ends::sockets})
    for (auto gone_first : {false, true}) {
      auto both = ends();
      if (gone_first)
        both.reader.reset();
      auto sink = descriptor_sink{both.writer.get()}; // a SIGPIPE would end this test
      both.reader.reset();
      auto written = std::size_t{0};
      BOOST_TEST((write(sink, "hello\n", -1, written) == outcome::gone));
      BOOST_TEST(written == 0u);
      auto pending = sigset_t{};
      ::sigpending(&pending);
      BOOST_TEST(::sigismember(&pending, SIGPIPE) == 0);
      auto blocked = sigset_t{};
      ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
      BOOST_TEST(::sigismember(&blocked, SIGPIPE) == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_reader_that_leaves_while_it_waits_is_noticed) {
  for (auto ends : {two_ends::pipe, two_ends::sockets}) {
    auto both = ends();
    auto sink = descriptor_sink{both.writer.get()};
    auto leaver = std::thread{[&] {
      both.read(100'000); // so it is in the middle of it
      both.reader.reset();
    }};
    auto written = std::size_t{0};
    const auto text = flood();
    BOOST_TEST((write(sink, text, -1, written) == outcome::gone));
    BOOST_TEST(written < text.size());
    leaver.join();
  }
}

BOOST_AUTO_TEST_CASE(a_wake_interrupts_the_wait_and_what_was_written_is_known_exactly) {
  for (auto ends : {two_ends::pipe, two_ends::sockets}) {
    auto both = ends();
    auto sink = descriptor_sink{both.writer.get()};
    auto wake = wake_event{};
    auto waker = std::thread{[&] {
      both.read(100'000); // it has begun
      wake.raise();
    }};
    const auto text = flood();
    auto written = std::size_t{0};
    BOOST_TEST((write(sink, text, wake.descriptor(), written) == outcome::interrupted));
    waker.join();
    BOOST_TEST(written < text.size());
    wake.lower();
    auto received = std::string(text, 0, 100'000);
    auto reader = std::thread{[&] { received += both.read(text.size() - 100'000); }};
    BOOST_TEST((write(sink, text, wake.descriptor(), written) == outcome::written));
    reader.join();
    BOOST_TEST((received == text)); // nothing twice, nothing missing
  }
}

BOOST_AUTO_TEST_CASE(a_descriptor_shared_with_others_stays_blocking) {
  const auto both = two_ends::pipe();
  auto sink = descriptor_sink{both.writer.get()};
  auto written = std::size_t{0};
  write(sink, "x", -1, written);
  BOOST_TEST((::fcntl(both.writer.get(), F_GETFL) & O_NONBLOCK) == 0);
  BOOST_TEST((::fcntl(both.reader.get(), F_GETFL) & O_NONBLOCK) == 0);
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_is_nonblocking_already_works_too) {
  const auto both = two_ends::pipe();
  ::fcntl(both.writer.get(), F_SETFL, O_NONBLOCK);
  const auto text = flood();
  auto received = std::string{};
  auto reader = std::thread{[&] { received = both.read(text.size()); }};
  auto sink = descriptor_sink{both.writer.get()};
  auto written = std::size_t{0};
  BOOST_TEST((write(sink, text, -1, written) == outcome::written));
  reader.join();
  BOOST_TEST((received == text));
}

BOOST_AUTO_TEST_CASE(a_file_is_written_where_its_descriptor_stands) {
  const auto directory = temporary_directory{};
  const auto path = directory / "out";
  auto file = unique_fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  BOOST_REQUIRE(::write(file.get(), "before\n", 7) == 7);
  auto sink = descriptor_sink{file.get()};
  auto written = std::size_t{0};
  BOOST_TEST((write(sink, "after\n", -1, written) == outcome::written));
  auto in = std::ifstream{path};
  BOOST_TEST((std::string{std::istreambuf_iterator<char>{in}, {}} == "before\nafter\n"));
}

BOOST_AUTO_TEST_CASE(a_full_device_is_an_error_with_its_reason) {
  auto full = unique_fd{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
  if (!full)
    return;
  auto sink = descriptor_sink{full.get()};
  auto written = std::size_t{0};
  const auto result = sink.write("x", -1, written);
  BOOST_REQUIRE(!result.has_value());
  BOOST_TEST(result.error().text.find("No space left") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_is_none_is_an_error) {
  auto sink = descriptor_sink{-1};
  auto written = std::size_t{0};
  BOOST_TEST(!sink.write("x", -1, written).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
