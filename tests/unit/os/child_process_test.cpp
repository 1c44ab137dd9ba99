#include "actors/os/child_process.hpp"

#include "actors/os/path_access.hpp"
#include "actors/os/poll.hpp"
#include "support/files.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace child_process_tests {

child_plan shell(const std::string& script) {
  auto plan = child_plan{};
  plan.program = "/bin/sh";
  plan.arguments = {"sh", "-c", script};
  plan.environment = own_environment();
  plan.outputs = child_plan::output::captured;
  return plan;
}

/// Runs it to its end; returns what it wrote.
std::string run(const child_plan& plan, exit_status& how) {
  auto child = child_process::start(plan);
  BOOST_REQUIRE_MESSAGE(child, (child ? "" : child.error().text));
  auto text = std::string{};
  for (;;) {
    wait_readable({child->output()}, 20s);
    const auto some = read_some(child->output(), 65536);
    if (some && some->empty())
      break;
    text += some.value_or("");
  }
  while (!child->has_ended())
    wait_readable({child->descriptor()}, 20ms);
  how = child->collect();
  return text;
}

bool is_gone(int pid) {
  for (auto i = 0; i < 2000; ++i) {
    const auto stat = content_of("/proc/" + std::to_string(pid) + "/stat");
    if (stat.empty() || stat.find(") Z") != std::string::npos)
      return true;
    wait_readable({}, 10ms);
  }
  return false;
}

} // namespace child_process_tests

BOOST_AUTO_TEST_SUITE(child_process_tests)

BOOST_AUTO_TEST_CASE(it_reads_its_input_and_writes_its_output_and_has_a_status) {
  auto plan = shell("cat; cat /dev/stdin; echo to-error >&2; exit 7");
  plan.input = "some\ninput\n";
  auto how = exit_status{};
  BOOST_TEST(run(plan, how) == "some\ninput\nsome\ninput\nto-error\n");
  BOOST_TEST(how.code == 7);
  BOOST_TEST(text_of(how) == "status 7");
}

BOOST_AUTO_TEST_CASE(an_input_that_nobody_reads_holds_nobody_up) {
  const auto input = std::string(10'000'000, 'x');
  auto plan = shell("exec <&-; exit 0");
  plan.input = input;
  auto how = exit_status{};
  run(plan, how);
  BOOST_TEST(how.is_success());
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_or_is_none_is_an_error_in_words) {
  const auto where = temporary_directory{};
  auto plan = shell("");
  plan.program = where / "nothing";
  BOOST_TEST((child_process::start(plan).error().code == errc::not_found));
  write_file(where / "text", "no program");
  plan.program = where / "text";
  BOOST_TEST((child_process::start(plan).error().code == errc::permission_denied));
  std::filesystem::permissions(where / "text", std::filesystem::perms::owner_all);
  BOOST_TEST(!child_process::start(plan)); // and no shell is asked to make sense of it
  plan = shell("");
  plan.working_directory = where / "no/directory";
  const auto child = child_process::start(plan);
  BOOST_REQUIRE(!child);
  BOOST_TEST(child.error().text.find("no/directory") != std::string::npos, child.error().text);
}

BOOST_AUTO_TEST_CASE(it_has_no_signals_blocked_or_ignored_and_no_descriptors_of_ours) {
  const auto where = temporary_directory{};
  const auto leaky = unique_fd{::open((where / "leak").c_str(), O_CREAT | O_RDWR, 0600)};
  auto set = sigset_t{};
  auto before = sigset_t{};
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  auto* pipe_before = ::signal(SIGPIPE, SIG_IGN);
  auto how = exit_status{};
  const auto text =
    run(shell("grep -E 'Sig(Blk|Ign)' /proc/self/status; exec ls -l /proc/self/fd"), how);
  ::signal(SIGPIPE, pipe_before);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  BOOST_TEST(text.find("SigBlk:\t0000000000000000") != std::string::npos, text);
  BOOST_TEST(text.find("SigIgn:\t0000000000000000") != std::string::npos, text);
  BOOST_TEST(text.find("pipe:") != std::string::npos, text);
  BOOST_TEST(text.find("leak") == std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(letting_go_of_it_kills_its_whole_group) {
  auto pid = 0;
  {
    auto child = child_process::start(shell("sleep 1000 & echo $!; trap '' TERM; wait"));
    BOOST_REQUIRE(child);
    wait_readable({child->output()}, 20s);
    pid = std::stoi(*read_some(child->output(), 100));
  }
  BOOST_TEST(is_gone(pid));
}

BOOST_AUTO_TEST_CASE(those_it_left_behind_are_seen_and_go_with_it) {
  auto child = child_process::start(shell("sleep 1000 & echo $!"));
  BOOST_REQUIRE(child);
  wait_readable({child->output()}, 20s);
  const auto pid = std::stoi(*read_some(child->output(), 100));
  while (!child->has_ended())
    wait_readable({child->descriptor()}, 20ms);
  BOOST_TEST(child->has_left_others());
  child->collect();
  BOOST_TEST(is_gone(pid));
}

BOOST_AUTO_TEST_CASE(programs_are_found_in_path_and_nowhere_else) {
  BOOST_TEST(find_program("sh").has_value());
  BOOST_TEST(check_program("sh").has_value());
  BOOST_TEST((find_program("no-such-program-anywhere").error().code == errc::not_found));
  BOOST_TEST((check_program("no-such-program-anywhere").error().code == errc::not_found));
  BOOST_TEST(find_program("./x").value_or("") == "./x");
  BOOST_TEST((check_program("./x").error().code == errc::not_found));
  BOOST_TEST((check_program("/etc/passwd").error().code == errc::permission_denied));
  BOOST_TEST(!find_program(""));
}

BOOST_AUTO_TEST_SUITE_END()
