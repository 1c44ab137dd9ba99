#include "actors/sinks/socket_sink.hpp"

#include "actors/codec/event_line.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/unix_socket.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"
#include "support/files.hpp"
#include "support/patience.hpp"
#include "support/sockets.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <mutex>

#include <netinet/in.h>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace socket_sink_tests {

unique_fd connect_tcp(std::uint16_t port) {
  auto peer = unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE(
    ::connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return peer;
}

struct fixture {
  temporary_directory where;
  socket_sink_options options{.listen = "unix:" + where / "s"};
  fake_sink_context ctx;
  std::uint64_t seq = 1;
  std::string expected; ///< all lines that were offered
  std::mutex mutex;
  std::vector<log_line> lines; ///< of the server
  std::shared_ptr<socket_sink::kept> kept = std::make_shared<socket_sink::kept>();

  socket_sink make() {
    auto made = socket_sink{kept, options, [this](const log_line& line) {
                              const auto held = std::scoped_lock{mutex};
                              lines.push_back(line);
                            }};
    made.on_start(ctx);
    return made;
  }

  bool has_logged(std::string_view id) {
    const auto held = std::scoped_lock{mutex};
    return std::any_of(lines.begin(), lines.end(), [&](const auto& x) { return x.event == id; });
  }

  event_batch next(std::vector<std::string> paths) {
    const auto batch = batch_of(paths).numbered(seq);
    for (const auto& what : batch)
      append_line(what, seq++, line_format::json, expected);
    return batch;
  }

  event_batch large() { return next(std::vector<std::string>(500, "/a/" + std::string(100, 'y'))); }

  unique_fd reader() {
    const auto before = kept->server->readers();
    auto fd = connect_unix(where / "s");
    BOOST_REQUIRE(fd);
    BOOST_REQUIRE(eventually([&] { return kept->server->readers() > before; }));
    return std::move(*fd);
  }
};

std::string read_lines(const unique_fd& from, std::size_t bytes) {
  return read_until(from, {}, bytes, patience);
}

/// Nothing comes any more: the server has closed.
bool is_closed(const unique_fd& fd) {
  char byte;
  return eventually([&] {
    const auto size = ::recv(fd.get(), &byte, 1, MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN);
  });
}

} // namespace socket_sink_tests

BOOST_FIXTURE_TEST_SUITE(socket_sink_tests, fixture)

BOOST_AUTO_TEST_CASE(every_reader_gets_every_line_from_the_moment_it_comes) {
  auto one = make();
  one.offer(next({"/nobody/is/there"}), ctx);
  expected.clear();
  const auto first = reader();
  one.offer(next({"/a"}), ctx);
  const auto before = expected.size();
  const auto second = reader();
  one.offer(next({"/b", "/c"}), ctx);
  BOOST_TEST(read_lines(first, expected.size()) == expected);
  BOOST_TEST(read_lines(second, expected.size() - before) == expected.substr(before));
}

BOOST_AUTO_TEST_CASE(the_socket_is_for_its_owner_and_goes_with_the_sink) {
  {
    auto one = make();
    struct stat st {};
    BOOST_REQUIRE(::stat((where / "s").c_str(), &st) == 0);
    BOOST_TEST((st.st_mode & 0777) == 0600u);
  }
  kept = nullptr;
  BOOST_TEST(std::filesystem::is_empty(where.path()));
}

BOOST_AUTO_TEST_CASE(a_socket_that_somebody_listens_on_is_not_taken_and_a_stale_one_is) {
  auto one = std::optional{make()};
  auto other = socket_sink{std::make_shared<socket_sink::kept>(), options, [](const log_line&) {}};
  BOOST_CHECK_THROW(other.on_start(ctx), stage_failure);
  std::filesystem::create_hard_link(where / "s", where / "left"); // as after kill -9
  one.reset();
  kept = std::make_shared<socket_sink::kept>();
  BOOST_TEST(std::filesystem::exists(where / "left"));
  options.listen = "unix:" + where / "left";
  make();
  BOOST_TEST(connect_unix(where / "left").has_value());
}

BOOST_AUTO_TEST_CASE(readers_stay_when_the_sink_crashes_and_get_nothing_twice) {
  const auto batch = next({"/a", "/b"});
  auto first = make();
  const auto mine = reader();
  first.offer(batch, ctx);
  auto second = make();
  second.offer(batch, ctx);
  second.offer(next({"/c"}), ctx);
  BOOST_TEST(read_lines(mine, expected.size()) == expected);
}

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_read_is_disconnected_and_the_others_are_not) {
  options.buffer_bytes_max = 128 * 1024;
  auto one = make();
  const auto slow = reader();
  const auto good = reader();
  for (auto i = 0; i < 100 && !has_logged("reader_too_slow"); ++i) {
    const auto had = expected.size();
    one.offer(large(), ctx);
    BOOST_REQUIRE(read_lines(good, expected.size() - had) == expected.substr(had));
  }
  BOOST_TEST(has_logged("reader_too_slow"));
  read_until(slow, {}, SIZE_MAX, patience); // what is in the kernel's buffer comes first
  BOOST_TEST(is_closed(slow));
  BOOST_TEST(eventually([&] { return kept->server->readers() == 1; }));
}

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_read_misses_whole_lines_and_they_are_counted) {
  options.on_slow = slow_reader::drop_oldest;
  options.buffer_bytes_max = 128 * 1024;
  auto one = make();
  const auto slow = reader();
  while (kept->server->lines_missed() < 5000)
    one.offer(large(), ctx);
  one.offer(next({"/last"}), ctx);
  const auto text = read_until(slow, "/last", SIZE_MAX, patience);
  auto told = std::uint64_t{0};
  auto last = std::uint64_t{0};
  for (std::size_t at = 0; at < text.size() && text.find('\n', at) != std::string::npos;
       at = text.find('\n', at) + 1) {
    BOOST_REQUIRE(text.compare(at, 7, "{\"seq\":") == 0);
    const auto number = std::stoull(text.substr(at + 7));
    BOOST_REQUIRE(number > last);
    last = number;
    ++told;
  }
  BOOST_TEST(told + kept->server->lines_missed() + 1 >= seq - 1);
  BOOST_TEST(told + kept->server->lines_missed() <= seq - 1);
  BOOST_TEST(has_logged("reader_missed_lines"));
}

BOOST_AUTO_TEST_CASE(with_hold_everybody_waits_and_nobody_misses_anything) {
  options.on_slow = slow_reader::hold;
  options.buffer_bytes_max = 64 * 1024;
  auto one = make();
  const auto slow = reader();
  auto text = std::string{};
  auto batches = std::vector<event_batch>{};
  for (auto i = 0; i < 20; ++i)
    batches.push_back(large());
  auto reading = std::thread{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    text = read_lines(slow, expected.size());
  }};
  for (const auto& batch : batches)
    one.offer(batch, ctx);
  reading.join();
  BOOST_TEST((text == expected));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_wait_for_a_slow_reader_and_what_it_got_is_not_given_again) {
  options.on_slow = slow_reader::hold;
  options.buffer_bytes_max = 64 * 1024;
  auto one = make();
  const auto slow = reader();
  auto stop = wake_event{};
  ctx.wake = stop.descriptor();
  stop.raise();
  auto batches = std::vector<event_batch>{};
  for (auto i = 0; i < 40; ++i)
    batches.push_back(large());
  std::size_t at = 0;
  for (; at < batches.size(); ++at) {
    const auto upto = batches[at].first_seq() + batches[at].size() - 1;
    one.offer(batches[at], ctx);
    if (kept->given.last() != upto)
      break; // held up
  }
  BOOST_REQUIRE(at < batches.size());
  ctx.wake = -1;
  auto text = std::string{};
  auto reading = std::thread{[&] { text = read_lines(slow, expected.size()); }};
  for (; at < batches.size(); ++at)
    one.offer(batches[at], ctx);
  reading.join();
  BOOST_TEST((text == expected));
}

BOOST_AUTO_TEST_CASE(with_hold_a_reader_that_vanishes_frees_the_others) {
  options.on_slow = slow_reader::hold;
  options.buffer_bytes_max = 64 * 1024;
  auto one = make();
  auto slow = reader();
  auto leaving = std::thread{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    slow.reset();
  }};
  for (auto i = 0; i < 20; ++i)
    one.offer(large(), ctx);
  leaving.join();
  BOOST_TEST(eventually([&] { return kept->server->readers() == 0; }));
}

BOOST_AUTO_TEST_CASE(readers_come_and_go_while_nothing_flows) {
  auto one = make();
  for (auto i = 0; i < 300; ++i) {
    BOOST_REQUIRE(eventually([&] { return connect_unix(where / "s").has_value(); }));
  }
  const auto mine = connect_unix(where / "s");
  BOOST_REQUIRE(mine);
  BOOST_TEST(eventually([&] { // nobody says when it is let in, behind all the others
    one.offer(next({"/a"}), ctx);
    return !read_until(*mine, "\n", SIZE_MAX, std::chrono::milliseconds{5}).empty();
  }));
  BOOST_TEST(eventually([&] { return kept->server->readers() == 1; }));
}

BOOST_AUTO_TEST_CASE(a_hundred_readers_are_served_and_one_too_many_is_turned_away) {
  options.readers_max = 100;
  options.listen = "127.0.0.1:0";
  auto one = make();
  auto readers = std::vector<unique_fd>{};
  for (auto i = 0; i < 100; ++i)
    readers.push_back(connect_tcp(kept->server->port()));
  BOOST_REQUIRE(eventually([&] { return kept->server->readers() == 100; }));
  const auto surplus = connect_tcp(kept->server->port());
  BOOST_TEST(is_closed(surplus));
  BOOST_TEST(eventually([&] { return kept->server->readers() == 100; }));
  for (auto i = 0; i < 5; ++i)
    one.offer(large(), ctx);
  for (const auto& x : readers)
    BOOST_REQUIRE((read_lines(x, expected.size()) == expected));
  BOOST_TEST(has_logged("readers_full"));
}

BOOST_AUTO_TEST_CASE(a_reader_must_say_the_token_first) {
  write_file(where / "token", "s3cret\n");
  options.token_file = where / "token";
  auto one = make();
  const auto good = reader();
  const auto wrong = reader();
  const auto long_winded = reader();
  const auto silent = reader();
  BOOST_TEST(write_all(good, "s3c", patience));
  BOOST_TEST(write_all(wrong, "guess\n", patience));
  write_all(long_winded, std::string(10'000, 'x'), patience);
  BOOST_TEST(is_closed(wrong));
  BOOST_TEST(is_closed(long_winded));
  BOOST_TEST(has_logged("reader_refused"));
  one.offer(next({"/secret"}), ctx);
  expected.clear();
  BOOST_TEST(write_all(good, "ret\r\n", patience));
  // Nobody says when it is known: what is offered until then it does not get.
  auto text = std::string{};
  BOOST_TEST(eventually([&] {
    one.offer(next({"/a"}), ctx);
    text = read_until(good, "\n", SIZE_MAX, std::chrono::milliseconds{5});
    return !text.empty();
  }));
  BOOST_TEST(text.find("/secret") == std::string::npos);
  char byte;
  BOOST_TEST(::recv(silent.get(), &byte, 1, MSG_DONTWAIT) < 0);
}

BOOST_AUTO_TEST_CASE(a_token_may_be_as_long_as_one_can_be_read_from_a_file) {
  const auto token = std::string(8'000, 'x');
  write_file(where / "token", token + "\n");
  options.token_file = where / "token";
  auto one = make();
  const auto good = reader();
  BOOST_TEST(write_all(good, token.substr(0, 6'000), patience));
  BOOST_TEST(write_all(good, token.substr(6'000) + "\n", patience));
  BOOST_TEST(eventually([&] {
    one.offer(next({"/a"}), ctx);
    return !read_until(good, "\n", SIZE_MAX, std::chrono::milliseconds{5}).empty();
  }));
}

BOOST_AUTO_TEST_CASE(
  what_waits_at_the_end_is_given_and_a_reader_that_does_not_read_is_not_waited_for) {
  auto one = make();
  const auto good = reader();
  const auto slow = reader();
  for (auto i = 0; i < 20; ++i)
    one.offer(large(), ctx);
  auto text = std::string{};
  auto reading = std::thread{[&] { text = read_lines(good, expected.size()); }};
  const auto begin = std::chrono::steady_clock::now();
  kept->server = nullptr;
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds{10}));
  reading.join();
  BOOST_TEST((text == expected));
}

BOOST_AUTO_TEST_CASE(options_that_would_tell_strangers_are_refused) {
  options.listen = "0.0.0.0:9471";
  BOOST_TEST(!socket_sink::check(options));
  write_file(where / "token", "s3cret\n");
  options.token_file = where / "token";
  BOOST_TEST(socket_sink::check(options).has_value());
  write_file(where / "token", "\n");
  BOOST_TEST(!socket_sink::check(options));
  BOOST_TEST(!socket_sink::check({.listen = "nonsense"}));
  BOOST_TEST(!socket_sink::check({.listen = "unix:/s", .readers_max = 0}));
  BOOST_TEST(!socket_sink::check({.listen = "unix:/s", .buffer_bytes_max = 1}));
}

BOOST_AUTO_TEST_SUITE_END()
