#include "actors/sinks/command_call.hpp"

#include "actors/core/batch_builder.hpp"
#include "actors/sinks/command_output.hpp"
#include "actors/testkit/batches.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace actors;
using namespace actors::testkit;

namespace command_call_tests {

constexpr auto plenty = std::size_t{1'000'000};

gathered_changes changes_of(const event_batch& batch) {
  auto changes = gathered_changes{};
  changes.add(batch);
  return changes;
}

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace command_call_tests

BOOST_AUTO_TEST_SUITE(command_call_tests)

BOOST_AUTO_TEST_CASE(changes_are_gathered_and_markers_are_not) {
  auto changes = gathered_changes{};
  BOOST_TEST(!changes.add(marker(event_type::ready, "/r", "inotify").numbered(1)));
  BOOST_TEST(changes.empty());
  BOOST_TEST(changes.add(
    joined({marker(event_type::overflow, "/r"), batch_of({"/r/a", "/r/b"})}).numbered(2)));
  BOOST_TEST(changes.add(batch_of({"/r/a"}).numbered(5)));
  BOOST_TEST(changes.count() == 3u);
  BOOST_TEST(changes.seq() == 3u);
  BOOST_TEST(changes.path() == "/r/a");
  BOOST_TEST((changes.paths() == std::vector<std::string>{"/r/a", "/r/b"}));
  BOOST_TEST(std::count(changes.input().begin(), changes.input().end(), '\n') == 3);
}

BOOST_AUTO_TEST_CASE(paths_become_arguments_and_nothing_in_them_is_looked_at_again) {
  const auto changes = changes_of(batch_of({"/r/{type} $(x)", "/r/b;c"}).numbered(1));
  const auto call =
    call_for(changes, {.argv = {"cmd", "{}", "a{path}b{type}", "{", "{x}"}}, "p", {}, plenty);
  BOOST_TEST((call.arguments
              == std::vector<std::string>{
                "cmd", "/r/{type} $(x)", "/r/b;c", "a/r/{type} $(x)bmodify", "{", "{x}"}));
  BOOST_TEST(call.paths_left_out == 0u);
}

BOOST_AUTO_TEST_CASE(the_environment_says_what_happened_and_ours_is_kept) {
  auto builder = batch_builder{};
  builder.add({.type = event_type::rename, .path = "/r/new", .from = "/r/old"});
  const auto call = call_for(changes_of(builder.finish().numbered(7)),
    {.argv = {"cmd"}, .environment = {"HOME=/there", "MY=1"}}, "src", {"HOME=/here", "LANG=C"},
    plenty);
  for (const auto* x : {"HOME=/there", "MY=1", "LANG=C", "ACTORS_PIPELINE=src", "ACTORS_SEQ=7",
         "ACTORS_COUNT=1", "ACTORS_TYPE=rename", "ACTORS_PATH=/r/new", "ACTORS_FROM=/r/old"})
    BOOST_TEST(has(call.environment, x), x);
  BOOST_TEST(!has(call.environment, "HOME=/here"));
}

BOOST_AUTO_TEST_CASE(as_many_paths_are_given_as_there_is_room_for) {
  auto paths = std::vector<std::string>{};
  for (auto i = 0; i < 1000; ++i)
    paths.push_back("/r/" + std::to_string(i) + std::string(100, 'x'));
  const auto call =
    call_for(changes_of(batch_of(paths)), {.argv = {"cmd", "{}", "end"}}, "p", {"A=b"}, 10'000);
  auto size = std::size_t{0};
  for (const auto* all : {&call.arguments, &call.environment})
    for (const auto& x : *all)
      size += x.size() + 1 + sizeof(char*);
  BOOST_TEST(size <= 10'000u);
  BOOST_TEST(size > 9'700u);
  BOOST_TEST(call.arguments.size() - 2 + call.paths_left_out == 1000u);
  BOOST_TEST(call.arguments.back() == "end");
}

BOOST_AUTO_TEST_CASE(lines_of_output_are_cut_when_long_and_counted_when_many) {
  auto lines = std::vector<std::string>{};
  auto output = command_output{[&](std::string_view line) { lines.emplace_back(line); }};
  auto now = time_point{};
  output.add("a", now);
  output.add("b\n\nlast", now);
  output.add(std::string(10'000'000, 'x'), now);
  output.finish(now);
  BOOST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(lines[0] == "ab");
  BOOST_TEST(lines[1] == "");
  BOOST_TEST(lines[2].size() == command_output::line_bytes_max);
  for (auto i = 0; i < 1000; ++i)
    output.add("y\n", now);
  BOOST_TEST(lines.size() == command_output::lines_a_second);
  BOOST_TEST(output.lines_left_out() == 1003 - command_output::lines_a_second);
  output.add("z\n", now + std::chrono::seconds{1});
  BOOST_TEST(lines.back() == "z");
}

BOOST_AUTO_TEST_SUITE_END()
