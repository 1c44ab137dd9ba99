#include "actors/config/config_difference.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;

namespace config_difference_tests {

using action = pipeline_change::action;
using texts = std::vector<std::string>;

pipeline_config pipeline(const std::string& name) {
  auto config = pipeline_config{};
  config.name = name;
  config.paths = {"/" + name};
  config.emit = {{"file", file_sink_options{.path = "/f"}, {}, {}},
    {"post", http_sink_options{.url = "http://h/"}, {}, {}}};
  return config;
}

/// What a change of one pipeline asks for.
template <class Change>
pipeline_change after(Change change) {
  const auto before = pipeline("p");
  auto wanted = before;
  change(wanted);
  const auto changes = difference({before}, {wanted});
  BOOST_REQUIRE(changes.size() == 1u);
  return changes[0];
}

} // namespace config_difference_tests

BOOST_AUTO_TEST_SUITE(config_difference_tests)

BOOST_AUTO_TEST_CASE(what_did_not_change_is_kept) {
  const auto change = after([](auto&) {});
  BOOST_TEST((change.what == action::keep));
  BOOST_TEST(change.why.empty());
}

BOOST_AUTO_TEST_CASE(what_is_new_starts_and_what_is_gone_stops_first) {
  const auto changes = difference({pipeline("a"), pipeline("b")}, {pipeline("c"), pipeline("b")});
  BOOST_REQUIRE(changes.size() == 3u);
  BOOST_TEST(changes[0].name == "a");
  BOOST_TEST((changes[0].what == action::stop));
  BOOST_TEST(changes[1].name == "c");
  BOOST_TEST((changes[1].what == action::start));
  BOOST_TEST((changes[2].what == action::keep));
}

BOOST_AUTO_TEST_CASE(options_of_sinks_limits_and_kinds_are_adjusted_in_place_downstream_first) {
  const auto change = after([](auto& x) {
    x.debounce.quiet = 100ms;
    std::get<http_sink_options>(x.emit[1].to).url = "http://other/";
    std::get<file_sink_options>(x.emit[0].to).keep = 9;
  });
  BOOST_TEST((change.what == action::adjust));
  BOOST_TEST(
    change.children == (texts{"file", "post", "debouncer"}), boost::test_tools::per_element());
  BOOST_TEST(change.why == "file, post, debouncer changed");
}

BOOST_AUTO_TEST_CASE(kinds_are_adjusted_when_there_are_some_before_and_after) {
  auto before = pipeline("p");
  before.only = {};
  before.only.add(event_type::create);
  auto wanted = before;
  wanted.only.add(event_type::modify);
  const auto changes = difference({before}, {wanted});
  BOOST_TEST((changes[0].what == action::adjust));
  BOOST_TEST(changes[0].children == (texts{"filter"}), boost::test_tools::per_element());
  wanted.only = change_kinds::all();
  BOOST_TEST((difference({before}, {wanted})[0].what == action::restart));
}

BOOST_AUTO_TEST_CASE(what_changes_the_shape_restarts_the_pipeline) {
  const auto restarts = [](auto change) { return after(change).what == action::restart; };
  BOOST_TEST(restarts([](auto& x) { x.paths.push_back("/other"); }));
  BOOST_TEST(restarts([](auto& x) { x.watch.ignore.push_back("*.o"); }));
  BOOST_TEST(restarts([](auto& x) { x.debounce.quiet = 0ms; }));
  BOOST_TEST(restarts([](auto& x) { x.mailbox.messages_max = 3; }));
  BOOST_TEST(restarts([](auto& x) { x.emit[0].mailbox = mailbox_limits{}; }));
  BOOST_TEST(restarts([](auto& x) { x.supervise.hang_after = 1s; }));
  BOOST_TEST(restarts([](auto& x) { x.emit.pop_back(); }));
  BOOST_TEST(restarts([](auto& x) { std::swap(x.emit[0], x.emit[1]); }));
  BOOST_TEST(restarts([](auto& x) { x.emit[0].name = "another"; }));
  BOOST_TEST(restarts([](auto& x) { x.emit[1].spool = spool_options{.path = "/s"}; }));
}

BOOST_AUTO_TEST_CASE(a_sink_with_a_spool_and_standard_output_are_not_made_anew_in_place) {
  auto before = pipeline("p");
  before.emit = {{"post", http_sink_options{.url = "http://h/"}, {}, spool_options{.path = "/s"}}};
  auto wanted = before;
  std::get<http_sink_options>(wanted.emit[0].to).url = "http://other/";
  BOOST_TEST((difference({before}, {wanted})[0].what == action::restart));
  before.emit = {{"stdout", stdout_sink_options{}, {}, {}}};
  wanted.emit = {{"stdout", stdout_sink_options{line_format::text}, {}, {}}};
  BOOST_TEST((difference({before}, {wanted})[0].what == action::restart));
}

BOOST_AUTO_TEST_CASE(keys_of_the_node_wait_for_its_next_start) {
  auto wanted = node_config{};
  BOOST_TEST(keys_for_next_start({}, wanted).empty());
  wanted.admin = "unix:/a";
  wanted.http.listen = "127.0.0.1:1";
  wanted.collect.emplace();
  BOOST_TEST(keys_for_next_start({}, wanted) == (texts{"node.admin", "node.http", "collect"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
