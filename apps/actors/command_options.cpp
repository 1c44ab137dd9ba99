#include "command_options.hpp"

#include "actors/core/duration_text.hpp"
#include "actors/core/whole_number.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

namespace actors::program {

namespace {

/// "TERM", "SIGTERM" or "15".
int signal_in(const std::string& text) {
  auto name = std::string_view{text};
  auto number = whole_number<int>(name).value_or(0);
  if (number > 0 && number < NSIG)
    return number;
  if (name.starts_with("SIG"))
    name.remove_prefix(3);
  for (number = 1; number < NSIG; ++number)
    if (const auto* known = ::sigabbrev_np(number); known != nullptr && name == known)
      return number;
  return 0;
}

void add_signal(CLI::App& watch, const std::string& name, const std::string& help, int& number) {
  watch
    .add_option_function<std::string>(
      name,
      [name, &number](const std::string& text) {
        const auto found = signal_in(text);
        if (found == 0)
          throw CLI::ValidationError{name, "\"" + text + "\" is no signal; write TERM or 15"};
        number = found;
      },
      help)
    ->type_name("SIGNAL");
}

} // namespace

command_line split(int argc, char** argv) {
  auto words = std::vector<std::string>(argv, argv + argc);
  const auto is_watch = argc > 1 && std::string_view{argv[1]} == "watch";
  const auto mark = is_watch ? std::find(words.begin(), words.end(), "--") : words.end();
  if (mark == words.end())
    return {std::move(words), std::nullopt};
  return {{words.begin(), mark}, std::vector<std::string>(mark + 1, words.end())};
}

void add_command_options(CLI::App& watch, command_sink_options& options) {
  watch
    .add_option_function<std::string>(
      "--on-busy",
      [&options](const std::string& text) {
        static const std::pair<const char*, busy_policy> choices[] = {{"queue", busy_policy::queue},
          {"ignore", busy_policy::ignore}, {"restart", busy_policy::restart},
          {"signal", busy_policy::signal}};
        for (const auto& [word, policy] : choices)
          if (text == word)
            return void(options.on_busy = policy);
        throw CLI::ValidationError{
          "--on-busy", "\"" + text + "\" is none of queue|ignore|restart|signal"};
      },
      "Changes while CMD runs: run it again (queue, default), pass them over, restart it, or "
      "send it --signal")
    ->type_name("queue|ignore|restart|signal");
  add_signal(watch, "--signal", "For --on-busy signal (HUP)", options.signal);
  add_signal(watch, "--stop-signal", "Asks CMD and its group to end (TERM)", options.stop_signal);
  watch
    .add_option_function<std::string>(
      "--stop-timeout",
      [&options](const std::string& text) {
        const auto span = parse_duration(text);
        if (!span)
          throw CLI::ValidationError{
            "--stop-timeout", "\"" + text + "\" is not a duration; write 250ms, 2s, 1m or 1h"};
        options.stop_timeout = *span;
      },
      "Then they are killed (10s)")
    ->type_name("DUR");
}

void take_command(
  const CLI::App& program, std::vector<std::string> command, command_sink_options& options) {
  if (command.empty())
    throw CLI::ValidationError{"--", "a command must follow (a PATH with a dash: ./-name)"};
  if (program.get_subcommand("watch")->count("--format") != 0)
    throw CLI::ValidationError{"--format", "nothing is printed when a command is run"};
  options.argv = std::move(command);
}

} // namespace actors::program
