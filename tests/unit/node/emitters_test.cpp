#include "actors/node/node.hpp"
#include "support/files.hpp"
#include "support/patience.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace emitters_tests {

/// A pipeline that ends in that sink, into which the test pushes.
result<pipeline> start(node& host, sink_options to) {
  return host.pipeline("p")
    .source("source", silent_source::factory())
    .emit(emitter_options{.name = "out", .to = std::move(to)})
    .start();
}

} // namespace emitters_tests

BOOST_AUTO_TEST_SUITE(emitters_tests)

BOOST_AUTO_TEST_CASE(a_file_gets_what_is_pushed) {
  const auto where = temporary_directory{};
  auto host = node{quiet()};
  auto running = start(host, file_sink_options{.path = where / "f"});
  BOOST_REQUIRE_MESSAGE(running, (running ? "" : running.error().text));
  BOOST_REQUIRE(running->push("out", batch_of({"/a"})));
  BOOST_TEST(eventually(
    [&] { return content_of(where / "f").find("\"path\":\"/a\"") != std::string::npos; }));
  BOOST_TEST(host.stop().clean);
}

BOOST_AUTO_TEST_CASE(a_socket_is_there_while_the_pipeline_is) {
  const auto where = temporary_directory{};
  {
    auto host = node{quiet()};
    auto running = start(host, socket_sink_options{.listen = "unix:" + where / "s"});
    BOOST_REQUIRE_MESSAGE(running, (running ? "" : running.error().text));
    BOOST_TEST(eventually([&] { return std::filesystem::exists(where / "s"); }));
    BOOST_TEST(eventually(
      [&] { return row_of(host, "p/out").note.find("0 readers") != std::string::npos; }));
    BOOST_TEST(host.stop().clean);
  }
  BOOST_TEST(eventually([&] { return !std::filesystem::exists(where / "s"); }));
}

BOOST_AUTO_TEST_CASE(a_command_runs_and_ends_with_the_node) {
  const auto where = temporary_directory{};
  auto pid = std::string{};
  {
    auto host = node{quiet()};
    auto running =
      start(host, command_sink_options{.argv = {"sh", "-c", "echo $$ > pid; exec sleep 1000"},
                    .working_directory = where.path()});
    BOOST_REQUIRE_MESSAGE(running, (running ? "" : running.error().text));
    BOOST_REQUIRE(running->push("out", batch_of({"/a"})));
    BOOST_TEST(eventually([&] {
      pid = content_of(where / "pid");
      return !pid.empty() && pid.back() == '\n';
    }));
    BOOST_TEST(host.stop().clean);
  }
  pid.pop_back();
  BOOST_TEST(eventually([&] { return content_of("/proc/" + pid + "/stat").empty(); }));
}

BOOST_AUTO_TEST_CASE(what_cannot_work_is_told_before_it_starts) {
  const auto where = temporary_directory{};
  auto host = node{quiet()};
  const auto code_of = [&](sink_options to) {
    const auto running = start(host, std::move(to));
    return running ? errc{} : running.error().code;
  };
  BOOST_TEST((code_of(file_sink_options{.path = where / "no/f"}) == errc::not_found));
  BOOST_TEST((code_of(file_sink_options{.path = where.path()}) == errc::invalid_argument));
  BOOST_TEST((code_of(socket_sink_options{.listen = "0.0.0.0:1"}) == errc::invalid_argument));
  BOOST_TEST((code_of(command_sink_options{}) == errc::invalid_argument));
  BOOST_TEST((code_of(command_sink_options{.argv = {"no-such-program"}}) == errc::not_found));
}

BOOST_AUTO_TEST_SUITE_END()
