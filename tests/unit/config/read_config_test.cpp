#include "actors/config/read_config.hpp"

#include "actors/config/topology.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;

namespace read_config_tests {

using texts = std::vector<std::string>;

/// The mistakes as text, without the name of the file.
texts mistakes_in(std::string_view text) {
  auto found = texts{};
  for (const auto& x : read_config(text, "f").mistakes.take())
    found.push_back(to_text(x).substr(2));
  return found;
}

/// A pipeline with these members besides what it must have, on line 1.
texts mistakes_of(const std::string& members) {
  return mistakes_in(
    R"({"pipelines":[{"name":"p","watch":{"paths":["/r"]},"emit":[{"to":"stdout"}])"
    + std::string{members.empty() ? "" : ","} + members + "}]}");
}

texts mistakes_of_emit(const std::string& emitters) {
  return mistakes_in(
    R"({"pipelines":[{"name":"p","watch":{"paths":["/r"]},"emit":[)" + emitters + "]}]}");
}

bool contains(const texts& all, std::string_view part) {
  return std::any_of(
    all.begin(), all.end(), [&](const auto& x) { return x.find(part) != std::string::npos; });
}

std::string joined(const texts& all) {
  auto text = std::string{};
  for (const auto& x : all)
    text += x + "\n";
  return text;
}

/// Exactly one mistake, and it holds that text.
void check_one(const texts& found, std::string_view part) {
  BOOST_TEST_CONTEXT(joined(found)) {
    BOOST_TEST(found.size() == 1u);
    BOOST_TEST(contains(found, part));
  }
}

} // namespace read_config_tests

BOOST_AUTO_TEST_SUITE(read_config_tests)

BOOST_AUTO_TEST_CASE(a_pipeline_needs_a_name_paths_and_a_sink_and_all_else_has_a_default) {
  auto reading = read_config(
    R"({"pipelines":[{"name":"p","watch":{"paths":["/r"]},"emit":[{"to":"stdout"}]}]})", "f");
  BOOST_TEST(reading.mistakes.empty());
  BOOST_REQUIRE(reading.config.pipelines.size() == 1u);
  auto expected = pipeline_config{};
  expected.name = "p";
  expected.paths = {"/r"};
  expected.emit = {{"stdout", stdout_sink_options{}, {}, {}}};
  BOOST_TEST((reading.config.pipelines[0] == expected));
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_told_where_it_should_be) {
  BOOST_TEST(mistakes_in("{\n\"pipelines\": [\n{\n}]}")
               == (texts{"3: pipelines[0].name: is missing",
                 "3: pipelines[0].watch.paths: is missing", "3: pipelines[0].emit: is missing"}),
    boost::test_tools::per_element());
  check_one(mistakes_in("{}"), "1: pipelines: is missing");
}

BOOST_AUTO_TEST_CASE(every_option_is_taken_over_in_its_unit) {
  auto reading = read_config(R"(
{"node": {"name": "n", "admin": "unix:/run/a.sock", "http": "127.0.0.1:9470"},
 "pipelines": [{"name": "p", "watch": {"paths": ["/r"], "depth": 3, "backend": "poll",
     "poll_interval_ms": 50, "ignore": ["*.swp"], "gitignore": true, "state": "/s/state"},
   "debounce": {"quiet_ms": 200}, "only": ["create", "delete"],
   "mailbox": {"messages_max": 7, "on_full": "drop_oldest"},
   "supervise": {"base_ms": 10, "cap_ms": 100, "multiplier": 3, "attempts_max": 2,
     "jitter": 0.25, "on_down": "reject", "strategy": "one_for_all"},
   "emit": [{"to": "file", "path": "/var/f", "rotate_mb": 2, "rotate_s": 60, "keep": 1,
       "sync": "each_batch", "mailbox": {"on_full": "hold"}},
     {"to": "command", "argv": ["make", "-j"], "on_busy": "restart", "stop_signal": "SIGINT"},
     {"to": "http", "url": "https://h/x", "spool": "/s/spool", "spool_mb": 3}]}]})",
    "f");
  const auto mistakes = reading.mistakes.take();
  BOOST_REQUIRE_MESSAGE(mistakes.empty(), (mistakes.empty() ? "" : to_text(mistakes[0])));
  const auto& config = reading.config;
  BOOST_TEST(config.name == "n");
  BOOST_TEST(config.http.listen == "127.0.0.1:9470");
  const auto& p = config.pipelines.at(0);
  BOOST_TEST(p.watch.depth_max == 3u);
  BOOST_TEST((p.watch.backend == watch_backend::poll));
  BOOST_TEST((p.watch.poll_interval == 50ms));
  BOOST_TEST((p.debounce.quiet == 200ms));
  BOOST_TEST((p.debounce.hold_max == 2000ms)); // ten times quiet
  BOOST_TEST(p.only.holds(event_type::remove));
  BOOST_TEST(!p.only.holds(event_type::modify));
  BOOST_TEST(p.mailbox.messages_max == 7u);
  BOOST_TEST((p.mailbox.on_down == down_policy::reject));
  BOOST_TEST((p.supervise.restart.backoff.stable_after == 200ms)); // twice cap
  BOOST_TEST((p.supervise.group.strategy == restart_strategy::one_for_all));
  const auto& file = std::get<file_sink_options>(p.emit.at(0).to);
  BOOST_TEST(file.bytes_max == 2u * 1024 * 1024);
  BOOST_TEST((file.age_max == 60s));
  BOOST_TEST((file.sync == sync_policy::each_batch));
  BOOST_REQUIRE(p.emit[0].mailbox.has_value());
  BOOST_TEST((p.emit[0].mailbox->on_full == overflow_policy::hold));
  BOOST_TEST(p.emit[0].mailbox->messages_max == 7u); // as the pipeline's
  const auto& command = std::get<command_sink_options>(p.emit.at(1).to);
  BOOST_TEST(command.argv == (texts{"make", "-j"}), boost::test_tools::per_element());
  BOOST_TEST(command.stop_signal == 2);
  BOOST_REQUIRE(p.emit.at(2).spool.has_value());
  BOOST_TEST(p.emit[2].spool->bytes_max == 3u * 1024 * 1024);
}

BOOST_AUTO_TEST_CASE(sinks_without_a_name_are_called_by_their_kind_and_numbered) {
  const auto reading = read_config(
    R"({"pipelines":[{"name":"p","watch":{"paths":["/r"]},"emit":[
      {"to":"file","path":"/a"},{"to":"file","path":"/b"},{"to":"file","path":"/c","name":"file-2"},
      {"to":"stdout"}]}]})",
    "f");
  auto names = texts{};
  for (const auto& x : reading.config.pipelines.at(0).emit)
    names.push_back(x.name);
  BOOST_TEST(
    names == (texts{"file", "file-3", "file-2", "stdout"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_mistake_comes_at_once_with_its_line_key_rule_and_value) {
  BOOST_TEST(
    mistakes_in(R"({
  // a comment
  "pipelines": [{
    "name": "p 1",
    "watch": {"paths": ["/r"], /* another
      of two lines */ "backend": "inotfy"},
    "debounce": {
      "quiet_ms": -5
      ,
      "hold_max_ms": 12345678
    },
    "emit": [{"to": "stdout"}]
  }]
})")
      == (texts{"4: pipelines[0].name: must be 1 to 64 letters, digits, '-' or '_', not \"p 1\"",
        "6: pipelines[0].watch.backend: must be one of auto, fanotify, inotify, "
        "poll, not \"inotfy\"; did you mean \"inotify\"?",
        "8: pipelines[0].debounce.quiet_ms: must be a whole number from 0 to 60000, "
        "not -5",
        "10: pipelines[0].debounce.hold_max_ms: must be a whole number from 0 to "
        "600000, not 12345678"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_is_named) {
  check_one(mistakes_of(R"("debounce":{"quiet_ms":"3"})"), "not \"3\"");
  check_one(
    mistakes_of(R"("debounce":{"quiet_ms":1.5})"), "a whole number from 0 to 60000, not 1.5");
  check_one(mistakes_of(R"("debounce":{"quiet_ms":18446744073709551615})"), "not 1.84");
  check_one(mistakes_of(R"("debounce":[])"), "must be an object, not a list");
  check_one(mistakes_of(R"("debounce":null)"), "must be an object, not null");
  check_one(mistakes_of(R"("supervise":{"jitter":true})"), "must be a number, not true");
  check_one(mistakes_of(R"("supervise":{"manual_reset":0})"), "must be true or false, not 0");
  check_one(mistakes_of(R"("only":"create")"), "must be a list, not \"create\"");
  check_one(mistakes_of(R"("only":["created"])"), "pipelines[0].only[0]: must be create, modify");
  check_one(mistakes_of_emit("3"), "pipelines[0].emit[0]: must be an object, not 3");
  check_one(mistakes_in("[]"), "must be an object with \"pipelines\" or \"collect\", not a list");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_is_refused_and_the_one_that_was_meant_is_named) {
  check_one(mistakes_of(R"("debuonce":{})"),
    "1: pipelines[0].debuonce: there is no such key; did you mean \"debounce\"?");
  check_one(mistakes_of(R"("debounce":{"quiet":3})"), "did you mean \"quiet_ms\"?");
  const auto nothing_near = mistakes_of(R"("colour":1)");
  check_one(nothing_near, "there is no such key");
  BOOST_TEST(!contains(nothing_near, "did you mean"));
}

BOOST_AUTO_TEST_CASE(a_key_of_another_kind_of_sink_is_unknown) {
  check_one(
    mistakes_of_emit(R"({"to":"stdout","rotate_mb":3})"), "rotate_mb: there is no such key");
  check_one(
    mistakes_of_emit(R"({"to":"file","path":"/f","spool":"/s"})"), "only http, nats and node");
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_is_a_mistake) {
  check_one(mistakes_in("{\"pipelines\":[{\"name\":\"p\",\n\"name\":\"q\","
                        "\"watch\":{\"paths\":[\"/r\"]},\"emit\":[{\"to\":\"stdout\"}]}]}"),
    "2: pipelines[0].name: the key stands twice; it is on line 1 already");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_told_with_its_line) {
  check_one(mistakes_in("{\n\"pipelines\": [\n{\"name\": \"x\",,}\n]}"), "3: syntax error");
  check_one(mistakes_in("{\n\"a\": 1\n"), "syntax error");
  check_one(mistakes_in(""), "1: syntax error");
  check_one(mistakes_in("{} {}"), "1: syntax error");
  check_one(mistakes_in(std::string_view{"{\"a\0\": 1}", 9}), "1: syntax error");
}

BOOST_AUTO_TEST_CASE(a_hostile_file_costs_little_and_its_bytes_do_not_reach_the_terminal) {
  check_one(mistakes_in(std::string(100'000, '[')), "nested more than 32 deep");
  check_one(mistakes_in(std::string(5 * 1024 * 1024, ' ')), "bytes; at most 4194304 are read");
  auto many = std::string{"[0"};
  for (auto i = 0; i < 300'000; ++i)
    many += ",0";
  check_one(mistakes_in(many + "]"), "more than 200000 values");
  auto unknown = std::string{"{"};
  for (auto i = 0; i < 1000; ++i)
    unknown += "\"k" + std::to_string(i) + "\":1,";
  const auto found = mistakes_in(unknown + "\"x\":1}");
  BOOST_TEST(found.size() == 201u);
  BOOST_TEST(contains(found, "mistakes more"));
  for (const auto& x : mistakes_in("{\"\\u001b[31m\\n\": 1}"))
    BOOST_TEST((x.find('\x1b') == std::string::npos && x.find('\n') == std::string::npos), x);
  for (const auto& x : mistakes_of_emit("{\"to\":\"" + std::string(3000, 'x') + "\"}"))
    BOOST_TEST(x.size() < 300u);
}

BOOST_AUTO_TEST_CASE(a_link_and_a_collector_are_read_with_all_their_options) {
  auto reading = read_config(R"(
{"collect": {"listen": "10.0.0.1:9471", "store": "/s/events.db", "store_mb": 7,
   "tls": {"ca": "/c/ca.pem", "cert": "/c/n.pem", "key": "/c/n.key"}, "allow": ["Web-1", "*"],
   "peers_max": 3, "handshakes_max": 4, "handshake_timeout_ms": 50, "inbox_mb": 5,
   "heartbeat_ms": 20, "deadline_ms": 60,
   "emit": [{"to": "file", "path": "/var/f"}], "forward": "up:9471"},
 "pipelines": [{"name": "p", "watch": {"paths": ["/r"]}, "emit": [
   {"to": "node", "address": "a:1", "fallback": ["b:2"], "insecure_loopback": false,
    "tls": {"ca": "/c/ca.pem", "cert": "/c/n.pem", "key": "/c/n.key"}, "server_name": "c",
    "window": 8, "control": ["boss"], "spool": "/s/spool"}]}]})",
    "f");
  const auto mistakes = reading.mistakes.take();
  BOOST_REQUIRE_MESSAGE(mistakes.empty(), (mistakes.empty() ? "" : to_text(mistakes[0])));
  BOOST_REQUIRE(reading.config.collect.has_value());
  const auto tls = tls_options{"/c/ca.pem", "/c/n.pem", "/c/n.key"};
  auto expected = collect_options{};
  expected.listen = "10.0.0.1:9471";
  expected.store = "/s/events.db";
  expected.store_bytes_max = 7u * 1024 * 1024;
  expected.tls = tls;
  expected.allow = {"Web-1", "*"};
  expected.peers_max = 3;
  expected.handshakes_max = 4;
  expected.handshake_timeout = 50ms;
  expected.inbox_bytes_max = 5u * 1024 * 1024;
  expected.heartbeat = 20ms;
  expected.deadline = 60ms;
  BOOST_TEST((reading.config.collect->options == expected));
  const auto& emit = reading.config.collect->emit;
  BOOST_REQUIRE(emit.size() == 2u);
  BOOST_TEST(emit[0].name == "file");
  BOOST_TEST(emit[1].name == "forward");
  BOOST_TEST((std::get<link_options>(emit[1].to).addresses == texts{"up:9471"}));
  BOOST_TEST((std::get<link_options>(emit[1].to).tls == tls)); // as the collector's
  const auto& sink = reading.config.pipelines.at(0).emit.at(0);
  BOOST_TEST(sink.name == "node");
  BOOST_REQUIRE(sink.spool.has_value());
  auto link = link_options{};
  link.addresses = {"a:1", "b:2"};
  link.tls = tls;
  link.server_name = "c";
  link.window = 8;
  link.control = {"boss"};
  BOOST_TEST((std::get<link_options>(sink.to) == link));
}

BOOST_AUTO_TEST_CASE(a_collector_needs_no_pipelines) {
  BOOST_TEST(mistakes_in(R"({"collect":{"listen":"127.0.0.1:1","store":"/s",
    "insecure_loopback":true}})")
               .empty());
  check_one(mistakes_in(R"({"node":{}})"), "pipelines: is missing");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_collector_is_told_all_at_once) {
  BOOST_TEST(mistakes_in("{\"collect\": {\n\"peers_max\": 0}}")
               == (texts{"1: collect.listen: is missing", "1: collect.store: is missing",
                 "1: collect.tls: is missing: name ca, cert and key (`actors certs` makes some for "
                 "a try), or say insecure_loopback, which is for one machine",
                 "1: collect.allow: is missing: nobody may link; name the certificates that may "
                 "(\"*\": all that tls.ca has signed)",
                 "2: collect.peers_max: must be a whole number from 1 to 100000, not 0"}),
    boost::test_tools::per_element());
  const auto with = [](const std::string& members) {
    return mistakes_in(R"({"collect":{"listen":"127.0.0.1:1","store":"/s",)" + members + "}}");
  };
  const auto tls = std::string{R"("tls":{"ca":"/a","cert":"/b","key":"/c"},)"};
  check_one(with(R"("insecure_loopback":true,"tls":{"ca":"/a","cert":"/b","key":"/c"})"),
    "collect.insecure_loopback: tls is given too");
  check_one(with(R"("allow":["*"],"tls":{"ca":"/a","cert":"/b"})"), "collect.tls.key: is missing");
  check_one(
    with(tls + R"("allow":["web-1","LoopBack"])"), "collect.allow: \"LoopBack\" is the name");
  check_one(with(R"("insecure_loopback":true,"heartbeat_ms":1000,"deadline_ms":1500)"),
    "collect.deadline_ms: must be at least twice heartbeat_ms (1000), but is 1500");
  check_one(mistakes_in(R"({"collect":{"listen":"10.0.0.1:1","store":"/s",
    "insecure_loopback":true}})"),
    "1: collect.listen: \"10.0.0.1:1\" can be reached from other machines");
  check_one(with(R"("insecure_loopback":true,"forward":"far:1")"),
    "collect.forward: \"far:1\" is not on this machine");
  check_one(
    with(R"("insecure_loopback":true,"forward":{})"), "collect.forward.address: is missing");
  check_one(with(R"("insecure_loopback":true,"emit":[{"to":"node","address":"127.0.0.1:2",
    "insecure_loopback":true,"spool":"/x"}])"),
    "collect.emit[0].spool: the collector's store is one already");
  check_one(with(R"("insecure_loopback":true,"emit":[{"to":"stdout","name":"receiver"}])"),
    "collect.emit[0].name: \"receiver\" is the name of another child");
  check_one(with(R"("insecure_loopback":true,"emit":[{"to":"stdout",
    "mailbox":{"on_full":"drop_oldest"}}])"),
    "collect.emit[0].mailbox.on_full: must be hold");
  check_one(with(R"("insecure_loopback":true},"pipelines":[{"name":"collector",
    "watch":{"paths":["/r"]},"emit":[{"to":"stdout"}]}],"node":{)"),
    "pipelines[0].name: \"collector\" is the name of another pipeline too (collect");
}

BOOST_AUTO_TEST_CASE(a_link_is_not_left_in_the_clear_by_mistake) {
  check_one(mistakes_of_emit(R"({"to":"node","address":"c:1"})"),
    "pipelines[0].emit[0].tls: is missing: name ca, cert and key");
  check_one(mistakes_of_emit(R"({"to":"node","address":"c:1","insecure_loopback":true})"),
    "pipelines[0].emit[0].address: \"c:1\" is not on this machine");
  check_one(mistakes_of_emit(R"({"to":"node","address":"127.0.0.1:1","fallback":["[::1]:2","d:1"],
    "insecure_loopback":true})"),
    "pipelines[0].emit[0].fallback[1]: \"d:1\" is not on this machine");
  BOOST_TEST(
    mistakes_of_emit(R"({"to":"node","address":"localhost:1","insecure_loopback":true})").empty());
  check_one(mistakes_of_emit(R"({"to":"node","address":"unix:/a","tls":{"ca":"/a","cert":"/b",
    "key":"/c"}})"),
    "pipelines[0].emit[0].address: \"unix:/a\" has no host: say with server_name");
  check_one(mistakes_of_emit(R"({"to":"node","address":"c","insecure_loopback":true})"),
    "pipelines[0].emit[0].address: must be unix:PATH or HOST:PORT");
}

BOOST_AUTO_TEST_CASE(secrets_are_not_shown) {
  for (const auto& x : mistakes_of_emit(
         R"({"to":"http","url":"ftp://u:secret@h/","headers":["Authorization=secret"]},
            {"to":"command","argv":["x"],"environment":["secret"]})"))
    BOOST_TEST(x.find("secret") == std::string::npos, x);
}

BOOST_AUTO_TEST_CASE(names_are_used_once) {
  check_one(mistakes_in(R"({"pipelines":[
    {"name":"p","watch":{"paths":["/r"]},"emit":[{"to":"stdout"}]},
    {"name":"p","watch":{"paths":["/q"]},"emit":[{"to":"file","path":"/f"}]}]})"),
    "3: pipelines[1].name: \"p\" is the name of another pipeline too (pipelines[0].name on line "
    "2)");
  check_one(mistakes_of_emit(R"({"to":"stdout","name":"watcher"})"), "name of another child");
  for (const auto* part : {"a-spool", "a-reader"})
    check_one(mistakes_of_emit(R"({"to":"http","name":"a","url":"http://h/","spool":"/s"},)"
                               R"({"to":"stdout","name":")"
                               + std::string{part} + R"("})"),
      part);
  check_one(mistakes_of_emit(R"({"to":"stdout","name":"a"},{"to":"file","path":"/f","name":"a"})"),
    "pipelines[0].emit[1].name");
}

BOOST_AUTO_TEST_CASE(files_addresses_and_standard_output_have_one_user) {
  check_one(mistakes_of_emit(R"({"to":"file","path":"/f"},{"to":"file","path":"//./f"})"),
    "pipelines[0].emit[1].path: the file has one user; pipelines[0].emit[0].path on line 1");
  check_one(mistakes_of_emit(R"({"to":"stdout"},{"to":"stdout"})"), "lines of two would mix");
  check_one(mistakes_of_emit(R"({"to":"socket","listen":"127.0.0.1:7"},
    {"to":"socket","listen":"127.0.0.1:7"})"),
    "2: pipelines[0].emit[1].listen: the address has one listener");
  check_one(mistakes_of_emit(R"({"to":"http","url":"http://h/","spool":"/f"},
    {"to":"file","path":"/f"})"),
    "the file has one user");
}

BOOST_AUTO_TEST_CASE(limits_do_not_contradict_each_other) {
  check_one(mistakes_of(R"("debounce":{"quiet_ms":500,"hold_max_ms":100})"),
    "quiet_ms: must not exceed hold_max_ms (100), but is 500");
  check_one(mistakes_of(R"("supervise":{"base_ms":500,"cap_ms":100})"), "must not exceed cap_ms");
  check_one(mistakes_of(R"("supervise":{"stable_after_ms":100})"), "looks like stability");
}

BOOST_AUTO_TEST_CASE(no_root_lies_in_another_and_a_state_is_of_one) {
  const auto of_watch = [](const std::string& watch) {
    return mistakes_in(
      R"({"pipelines":[{"name":"p","watch":)" + watch + R"(,"emit":[{"to":"stdout"}]}]})");
  };
  check_one(of_watch(R"({"paths":["/r/a","/r"]})"), "paths[0]: \"/r/a\" lies in \"/r\"");
  check_one(of_watch(R"({"paths":["/r","/r/"]})"), "paths[1]: \"/r/\" is there twice");
  check_one(of_watch(R"({"paths":["/r","/rs"],"state":"/s"})"), "it is of one path");
  BOOST_TEST(of_watch(R"({"paths":["/r","/rs"]})").empty());
  check_one(of_watch(R"({"paths":[]})"), "must name one at least");
  check_one(of_watch(R"({"paths":["/r"],"ignore":["[a"]})"), "ignore[0]: must be a pattern");
}

BOOST_AUTO_TEST_CASE(records_of_a_tree_are_not_written_into_it) {
  check_one(
    mistakes_of_emit(R"({"to":"file","path":"/r/log"})"), "each record would make the next");
  BOOST_TEST(mistakes_in(R"({"pipelines":[{"name":"p","watch":{"paths":["/r"],"ignore":["logs/"]},
    "emit":[{"to":"file","path":"/r/logs/a"}]}]})")
               .empty());
}

BOOST_AUTO_TEST_CASE(doors_that_others_can_reach_are_locked) {
  const auto with = [](const std::string& node) {
    return mistakes_in(R"({"node":)" + node + R"(,"pipelines":[{"name":"p",
      "watch":{"paths":["/r"]},"emit":[{"to":"stdout"}]}]})");
  };
  check_one(with(R"({"http":"0.0.0.0:80"})"), "node.http: \"0.0.0.0:80\" can be reached");
  BOOST_TEST(with(R"({"http":"[::1]:80"})").empty());
  BOOST_TEST(with(R"({"http":"0.0.0.0:80","http_token_file":"/t","http_cert_file":"/c",
    "http_key_file":"/k"})")
               .empty());
  check_one(with(R"({"http":"127.0.0.1:80","http_cert_file":"/c"})"), "come together");
  check_one(with(R"({"http":"localhost:80"})"), "HOST:PORT, the host a number");
  check_one(with(R"({"admin":"127.0.0.1:80"})"), "must be unix:PATH");
  check_one(mistakes_of_emit(R"({"to":"socket","listen":"0.0.0.0:7"})"), "that needs token_file");
}

BOOST_AUTO_TEST_CASE(what_must_be_there_on_this_machine_is_listed_with_its_key) {
  const auto reading = read_config(R"({"pipelines":[{"name":"p","watch":{"paths":["/r"]},
    "emit":[{"to":"command","argv":["make"],"working_directory":"/w"}]}]})",
    "f");
  auto needs = texts{};
  for (const auto& x : reading.needs)
    if (x.rule == value_rule::root || x.rule == value_rule::command_line
        || x.rule == value_rule::directory)
      needs.push_back(x.key + "=" + x.value);
  BOOST_TEST(needs
               == (texts{"pipelines[0].watch.paths[0]=/r", "pipelines[0].emit[0].argv[0]=make",
                 "pipelines[0].emit[0].working_directory=/w"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_schedule_names_every_child_its_waits_and_the_whole_time) {
  const auto reading = read_config(R"({"pipelines":[{"name":"src","watch":{"paths":["/r"]},
    "debounce":{"quiet_ms":0},"emit":[{"to":"stdout"}]},
    {"name":"q","watch":{"paths":["/q"]},"only":["create"],"supervise":{"attempts_max":0},
     "emit":[{"to":"file","path":"/f"}]},
    {"name":"z","watch":{"paths":["/z"]},"supervise":{"attempts_max":100},"debounce":{"quiet_ms":0},
     "emit":[{"to":"file","path":"/g"}]}]})",
    "f");
  BOOST_TEST(
    restart_schedule(reading.config)
      == (texts{"src/watcher: tries after 1s 2s 4s 8s 16s, gives up 31s after the first crash",
        "src/stdout: tries after 1s 2s 4s 8s 16s, gives up 31s after the first crash",
        "q/watcher: is not tried again: gives up at the first crash",
        "q/debouncer: is not tried again: gives up at the first crash",
        "q/filter: is not tried again: gives up at the first crash",
        "q/file: is not tried again: gives up at the first crash",
        "z/watcher: tries after 1s 2s 4s 8s 16s 16s 16s 16s 16s 16s ... (100 times), gives up "
        "1551s after the first crash",
        "z/file: tries after 1s 2s 4s 8s 16s 16s 16s 16s 16s 16s ... (100 times), gives up 1551s "
        "after the first crash"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
