#include "actors/os/service_manager.hpp"

#include "actors/os/poll.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace service_manager_tests {

struct fixture {
  temporary_directory where;
  std::string path = where / "notify";

  fixture() { forget(); }
  ~fixture() { forget(); }

  static void forget() {
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM"})
      ::unsetenv(name);
  }

  /// '@' begins the name of one without a file.
  static unique_fd listen(const std::string& name) {
    auto address = sockaddr_un{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@')
      address.sun_path[0] = '\0';
    auto made = unique_fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    BOOST_REQUIRE(::bind(made.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    return made;
  }

  static std::string heard(const unique_fd& by) {
    char buffer[1000];
    const auto got = ::recv(by.get(), buffer, sizeof buffer, 0);
    return got < 0 ? std::string{} : std::string(buffer, static_cast<std::size_t>(got));
  }
};

} // namespace service_manager_tests

BOOST_FIXTURE_TEST_SUITE(service_manager_tests, fixture)

BOOST_AUTO_TEST_CASE(without_a_socket_nothing_is_told_to_nobody) {
  auto manager = service_manager::from_environment();
  BOOST_TEST(!manager.is_listening());
  BOOST_TEST(!manager.tell("READY=1"));
  BOOST_TEST(!manager.watchdog().has_value());
}

BOOST_AUTO_TEST_CASE(each_message_is_one_datagram) {
  const auto systemd = listen(path);
  auto manager = service_manager::from_environment();
  BOOST_TEST(manager.tell("READY=1"));
  BOOST_TEST(manager.tell("STATUS=fine\nMAINPID=1"));
  BOOST_TEST(heard(systemd) == "READY=1");
  BOOST_TEST(heard(systemd) == "STATUS=fine\nMAINPID=1");
}

BOOST_AUTO_TEST_CASE(a_socket_without_a_file_is_known_by_its_at) {
  const auto systemd = listen("@actors-test-" + std::to_string(::getpid()));
  auto manager = service_manager::from_environment();
  BOOST_TEST(manager.tell("READY=1"));
  BOOST_TEST(heard(systemd) == "READY=1");
}

BOOST_AUTO_TEST_CASE(no_child_process_inherits_the_right_to_speak) {
  const auto systemd = listen(path);
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  service_manager::from_environment();
  BOOST_TEST(std::getenv("NOTIFY_SOCKET") == nullptr);
  BOOST_TEST(std::getenv("WATCHDOG_USEC") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_watchdog_is_for_the_process_that_it_names) {
  const auto systemd = listen(path);
  const auto watchdog = [](const std::string& microseconds, const std::string& pid) {
    ::setenv("WATCHDOG_USEC", microseconds.c_str(), 1);
    if (!pid.empty())
      ::setenv("WATCHDOG_PID", pid.c_str(), 1);
    return service_manager::from_environment().watchdog();
  };
  const auto again = [&] { ::setenv("NOTIFY_SOCKET", path.c_str(), 1); };
  BOOST_TEST((watchdog("2000000", std::to_string(::getpid())) == 2s));
  again();
  BOOST_TEST((watchdog("2000000", "") == 2s));
  again();
  BOOST_TEST(!watchdog("2000000", "1").has_value());
  for (const auto* nonsense : {"", "0", "-5", "2s", "99999999999999999999999"}) {
    again();
    BOOST_TEST(!watchdog(nonsense, "").has_value());
  }
}

BOOST_AUTO_TEST_CASE(nonsense_for_a_socket_is_nobody) {
  for (const auto& nonsense : {std::string{"x"}, std::string{"relative/path"}, std::string{"/"},
         where / "missing", "/" + std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", nonsense.c_str(), 1);
    BOOST_TEST(!service_manager::from_environment().is_listening());
  }
}

BOOST_AUTO_TEST_CASE(a_manager_that_does_not_read_holds_nobody_up) {
  const auto systemd = listen(path);
  auto manager = service_manager::from_environment();
  auto taken = 0;
  while (taken < 1'000'000 && manager.tell("WATCHDOG=1"))
    ++taken;
  BOOST_TEST(taken < 1'000'000);
}

BOOST_AUTO_TEST_CASE(the_journal_is_known_by_its_inode) {
  const auto pipe_like = listen(path);
  struct stat st {};
  BOOST_REQUIRE(::fstat(pipe_like.get(), &st) == 0);
  BOOST_TEST(!writes_to_journal(pipe_like.get()));
  const auto named = std::to_string(st.st_dev) + ":" + std::to_string(st.st_ino);
  ::setenv("JOURNAL_STREAM", named.c_str(), 1);
  BOOST_TEST(writes_to_journal(pipe_like.get()));
  BOOST_TEST(!writes_to_journal(STDIN_FILENO));
  BOOST_TEST(!writes_to_journal(-1));
}

BOOST_AUTO_TEST_SUITE_END()
