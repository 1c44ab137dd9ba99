// Against a real nats-server (Debian: nats-server), which is killed and started again meanwhile.
#include "actors/sinks/nats_sink.hpp"

#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

#include <arpa/inet.h>
#include <nats/nats.h>
#include <netinet/in.h>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace nats_sink_tests {

int free_port() {
  const auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto size = socklen_t{sizeof address};
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

boost::test_tools::assertion_result is_installed(boost::unit_test::test_unit_id) {
  return std::system("command -v nats-server >/dev/null 2>&1") == 0;
}

/// One nats-server with JetStream, on a port and in a directory of its own.
class broker {
public:
  broker() { start(); }
  ~broker() { kill(); }
  void start() {
    const auto port = std::to_string(port_);
    pid_ = ::fork();
    if (pid_ != 0)
      return;
    const auto nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, 1);
    ::dup2(nowhere, 2);
    ::execlp("nats-server", "nats-server", "-js", "-a", "127.0.0.1", "-p", port.c_str(), "-sd",
      directory_.path().c_str(), nullptr);
    ::_exit(127);
  }
  void kill() {
    if (pid_ <= 0)
      return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }

  struct stored {
    std::vector<std::string> lines;
    std::vector<std::string> subjects;
  };
  /// All that is in the stream.
  stored read(const std::string& stream) const {
    auto all = stored{};
    natsConnection* connection = nullptr;
    jsCtx* context = nullptr;
    jsStreamInfo* info = nullptr;
    BOOST_REQUIRE(natsConnection_ConnectTo(&connection, url().c_str()) == NATS_OK);
    BOOST_REQUIRE(natsConnection_JetStream(&context, connection, nullptr) == NATS_OK);
    BOOST_REQUIRE(js_GetStreamInfo(&info, context, stream.c_str(), nullptr, nullptr) == NATS_OK);
    const auto last = info->State.LastSeq;
    for (std::uint64_t seq = 1; seq <= last; ++seq) {
      natsMsg* message = nullptr;
      if (js_GetMsg(&message, context, stream.c_str(), seq, nullptr, nullptr) != NATS_OK)
        continue;
      all.lines.emplace_back(
        natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message)));
      all.subjects.emplace_back(natsMsg_GetSubject(message));
      natsMsg_Destroy(message);
    }
    jsStreamInfo_Destroy(info);
    jsCtx_Destroy(context);
    natsConnection_Destroy(connection);
    return all;
  }

private:
  test::temporary_directory directory_;
  int port_ = free_port();
  pid_t pid_ = -1;
};

struct fixture {
  fake_sink_context ctx;
  nats_sink_options options;
  fixture() {
    options.retry_base = 20ms;
    options.retry_max = 100ms;
    options.timeout = 2s;
  }
  nats_sink make() {
    return {options, "pipe", [](const event_batch&) { return std::string{"stream"}; }};
  }
};

event_batch numbered(std::uint64_t first, std::size_t count) {
  auto paths = std::vector<std::string>{};
  for (std::size_t i = 0; i < count; ++i)
    paths.push_back("/" + std::to_string(first + i));
  return batch_of(paths).numbered(first);
}

/// 1 to `count`, each once, in order.
void check_all(const broker::stored& found, std::size_t count) {
  BOOST_REQUIRE(found.lines.size() == count);
  for (std::size_t i = 0; i < count; ++i)
    BOOST_REQUIRE(found.lines[i].starts_with("{\"seq\":" + std::to_string(i + 1) + ","));
}

} // namespace nats_sink_tests

BOOST_FIXTURE_TEST_SUITE(nats_sink_tests, fixture)

BOOST_AUTO_TEST_CASE(options_are_checked) {
  BOOST_TEST(check(options).has_value());
  const auto is_bad = [&](auto change) {
    auto other = options;
    change(other);
    return !check(other).has_value();
  };
  BOOST_TEST(is_bad([](auto& x) { x.url = "http://h"; }));
  BOOST_TEST(is_bad([](auto& x) { x.stream = "a.b"; }));
  BOOST_TEST(is_bad([](auto& x) { x.subject = "a..b"; }));
  BOOST_TEST(is_bad([](auto& x) { x.subject = "a.*"; }));
  BOOST_TEST(is_bad([](auto& x) { x.credentials_file = "/none"; }));
  BOOST_TEST(shown_nats_url("nats://ada:s3cret@host:4222") == "nats://host:4222");
}

BOOST_AUTO_TEST_CASE(nobody_there_is_told) {
  options.url = "nats://127.0.0.1:" + std::to_string(free_port());
  auto sink = make();
  ctx.stop = false;
  auto other = std::thread{[&] {
    std::this_thread::sleep_for(300ms);
    ctx.stop = true;
  }};
  sink.offer(numbered(1, 1), ctx);
  other.join();
  BOOST_TEST(ctx.degradation.find("no connection") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(
  records_are_published_by_type_and_known_again, *boost::unit_test::precondition(is_installed)) {
  auto server = broker{};
  options.url = server.url();
  auto sink = make();
  sink.offer(numbered(1, 700), ctx);
  sink.offer(numbered(1, 700), ctx); // again, as after a crash
  sink.offer(numbered(701, 3), ctx);
  const auto found = server.read("actors");
  check_all(found, 703);
  BOOST_TEST(found.subjects[0] == "actors.pipe.modify");
  BOOST_TEST(ctx.degradation == "");
}

BOOST_AUTO_TEST_CASE(
  a_stream_that_takes_no_more_is_told, *boost::unit_test::precondition(is_installed)) {
  auto server = broker{};
  options.url = server.url();
  options.subject = "other";
  make().offer(numbered(1, 1), ctx); // makes the stream, of other.>
  options.subject = "elsewhere";
  auto sink = make();
  auto late = std::thread{[&] {
    std::this_thread::sleep_for(500ms);
    ctx.stop = true;
  }};
  sink.offer(numbered(2, 1), ctx);
  late.join();
  BOOST_TEST(ctx.degradation.find("no stream takes the subject") != std::string::npos,
    "it says: " + ctx.degradation);
}

BOOST_AUTO_TEST_CASE(each_record_is_stored_once_while_the_server_is_killed_again_and_again,
  *boost::unit_test::precondition(is_installed)) {
  auto server = broker{};
  options.url = server.url();
  auto done = std::atomic<bool>{false};
  auto delivered = std::atomic<std::uint64_t>{0};
  auto worker = std::thread{[&] {
    auto sink = make();
    for (std::uint64_t i = 0; i < 150; ++i) {
      sink.offer(numbered(1 + 20 * i, 20), ctx);
      delivered = i;
      std::this_thread::sleep_for(10ms);
    }
    done = true;
  }};
  while (!done) {
    const auto reached = delivered.load() + 5;
    while (!done && delivered < reached)
      std::this_thread::sleep_for(1ms);
    server.kill();
    std::this_thread::sleep_for(50ms);
    server.start();
    if (delivered > 60) // enough of it
      break;
  }
  worker.join();
  check_all(server.read("actors"), 3000);
}

BOOST_AUTO_TEST_SUITE_END()
