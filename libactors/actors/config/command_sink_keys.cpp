#include "actors/config/option_keys.hpp"

#include <csignal>

namespace actors {

using namespace std::chrono_literals;

namespace {

constexpr named_value<busy_policy> busy_words[] = {{"queue", busy_policy::queue},
  {"ignore", busy_policy::ignore}, {"restart", busy_policy::restart},
  {"signal", busy_policy::signal}};

constexpr named_value<int> signal_words[] = {{"SIGHUP", SIGHUP}, {"SIGINT", SIGINT},
  {"SIGQUIT", SIGQUIT}, {"SIGTERM", SIGTERM}, {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2},
  {"SIGALRM", SIGALRM}, {"SIGCONT", SIGCONT}, {"SIGWINCH", SIGWINCH}, {"SIGKILL", SIGKILL}};

} // namespace

void describe(key_visitor& keys, command_sink_options& options) {
  keys.texts("argv", options.argv, value_rule::command_line,
    "The program and its arguments; no shell reads them. An argument `{}` becomes all paths; "
    "`{path}` and `{type}` in one become those of the first change.",
    key_visitor::presence::required);
  keys.flag(
    "initial", options.initial, "It is run once when the first root is ready, for no change.");
  keys.choice("on_busy", options.on_busy, busy_words,
    "When changes come while it runs: again afterwards, once; pass them over; stop it and start it "
    "anew; or send it `signal`.");
  keys.choice(
    "stop_signal", options.stop_signal, signal_words, "Asks it, and all it has started, to end.");
  keys.millis("stop_timeout_ms", options.stop_timeout, 0ms, 1h,
    "Then it is killed. Ten seconds are what service managers think polite.");
  keys.choice("signal", options.signal, signal_words, "For `on_busy` `signal`.");
  keys.millis("timeout_ms", options.timeout, 0ms, 24h * 7,
    "It is stopped when one run takes longer. 0: it may take for ever.");
  keys.flag("write_input", options.write_input,
    "It reads the changes as NDJSON from its standard input; otherwise that is /dev/null.");
  keys.flag("capture_output", options.capture_output,
    "Its output goes to the log, a line at a time; otherwise to where ours goes.");
  keys.flag("retry_failed", options.retry_failed,
    "A run that fails is a crash of the sink: the batch is given again. Otherwise it is logged and "
    "counted.");
  keys.texts("environment", options.environment, value_rule::assignment,
    "Variables besides those of the program.");
  keys.text("working_directory", options.working_directory, value_rule::directory,
    "Where it runs; otherwise where the program was started.");
}

} // namespace actors
