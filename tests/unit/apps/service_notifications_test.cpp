#include "service_notifications.hpp"

#include "actors/os/service_manager.hpp"
#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

using namespace actors;
using namespace actors::program;
using namespace actors::test;

namespace service_notifications_tests {

/// A node whose log can be made to hang, and with it the supervisor that writes a line, and a
/// service manager that wants to hear of it each 20 ms.
struct fixture {
  temporary_directory where;
  unique_fd systemd;
  service_manager manager;
  gate stuck;
  std::atomic<bool> log_hangs{false};
  node host{{.log = [this](const log_line&) {
    if (log_hangs)
      stuck.pass();
  }}};
  service_notifications service{(listen(), manager), host};

  ~fixture() { stuck.open(); }

  void listen() {
    const auto path = where / "notify";
    auto address = sockaddr_un{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    systemd = unique_fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    BOOST_REQUIRE(
      ::bind(systemd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "20000", 1);
    manager = service_manager::from_environment();
  }

  /// All that has been told since the last call.
  std::vector<std::string> heard() {
    auto messages = std::vector<std::string>{};
    char buffer[1000];
    for (;;) {
      const auto got = ::recv(systemd.get(), buffer, sizeof buffer, 0);
      if (got < 0)
        return messages;
      messages.emplace_back(buffer, static_cast<std::size_t>(got));
    }
  }

  /// Ticks until `message` was told.
  bool tells(const std::string& message) {
    return eventually([&] {
      service.tick();
      const auto messages = heard();
      return std::find(messages.begin(), messages.end(), message) != messages.end();
    });
  }

  result<pipeline> start() {
    return host.pipeline("p")
      .source("source", silent_source::factory())
      .emit("sink", [](const event_batch&) {})
      .start();
  }
};

} // namespace service_notifications_tests

BOOST_FIXTURE_TEST_SUITE(service_notifications_tests, fixture)

BOOST_AUTO_TEST_CASE(it_is_ready_when_all_parts_are_and_says_so_once) {
  service.tick();
  for (const auto& message : heard())
    BOOST_TEST(message != "READY=1");
  const auto running = start();
  BOOST_REQUIRE(running.has_value());
  BOOST_TEST(tells("READY=1"));
  for (auto i = 0; i < 10; ++i)
    service.tick();
  for (const auto& message : heard())
    BOOST_TEST(message != "READY=1");
}

BOOST_AUTO_TEST_CASE(it_lives_only_while_its_supervisor_answers) {
  const auto running = start();
  BOOST_REQUIRE(running.has_value());
  BOOST_TEST(tells("WATCHDOG=1"));
  BOOST_TEST(tells("WATCHDOG=1"));
  log_hangs = true;
  auto stopper = std::thread{[&] { host.stop(); }}; // it writes a line about that
  const auto hangs = stuck.wait_for(1);
  heard();
  for (auto i = 0; i < 5; ++i)
    service.tick(); // each waits for an answer, in vain
  const auto messages = heard();
  log_hangs = false;
  stuck.open();
  stopper.join();
  BOOST_TEST(hangs);
  BOOST_TEST((std::find(messages.begin(), messages.end(), "WATCHDOG=1") == messages.end()));
}

BOOST_AUTO_TEST_CASE(a_reload_is_told_with_its_time_and_ends_with_ready) {
  service.reloading();
  const auto told = heard();
  BOOST_REQUIRE(told.size() == 1u);
  BOOST_TEST(told[0].starts_with("RELOADING=1\nMONOTONIC_USEC="));
  service.ready();
  BOOST_TEST((heard() == std::vector<std::string>{"READY=1"}));
}

BOOST_AUTO_TEST_CASE(a_status_is_one_line_and_told_when_it_is_another) {
  service.status("a\nREADY=1");
  service.status("a\nREADY=1");
  BOOST_TEST((heard() == std::vector<std::string>{"STATUS=a READY=1"}));
}

BOOST_AUTO_TEST_CASE(it_wants_to_be_called_before_the_watchdog_is_due) {
  const auto next = service.tick();
  BOOST_REQUIRE(next.has_value());
  BOOST_TEST((*next <= 10ms));
}

BOOST_AUTO_TEST_CASE(with_nobody_to_tell_it_never_wants_to_be_called) {
  auto nobody = service_manager{};
  BOOST_TEST(!(service_notifications{nobody, host}.tick().has_value()));
}

BOOST_AUTO_TEST_SUITE_END()
