#include "actors/node/node.hpp"

#include <iostream>

#include "admin_verbs.hpp"
#include "certs_command.hpp"
#include "collect_command.hpp"
#include "command_options.hpp"
#include "completions_command.hpp"
#include "doctor_command.hpp"
#include "exit_code.hpp"
#include "manual_command.hpp"
#include "network_options.hpp"
#include "option_kinds.hpp"
#include "run_command.hpp"
#include "validate_command.hpp"
#include "watch_command.hpp"
#include <CLI/CLI.hpp>

using namespace actors;
using namespace actors::program;

namespace {

void add_watch(CLI::App& program, watch_request& request) {
  auto& watch =
    *program.add_subcommand("watch", "Print what changes below directories, until stopped; with "
                                     "-- CMD ARG..., run that instead ({}: the paths)");
  watch.add_option("PATH", request.paths, "Directories or files to watch")
    ->required()
    ->check([](const std::string& path) {
      return std::string{path.empty() ? "an empty path names nothing (an unset variable?)" : ""};
    });
  watch.add_flag_callback(
    "-r,--recursive", [&] { request.watch.depth_max = watch_options::no_limit; },
    "Directories below too (default)");
  watch.add_flag_callback(
    "--no-recursive", [&] { request.watch.depth_max = 1; }, "Not what is below");
  watch.add_option("--depth", request.watch.depth_max, "So many levels below, 1 is --no-recursive")
    ->check(CLI::PositiveNumber)
    ->type_name("N");
  add_patterns(
    watch, "--exclude", "Leave out what matches (as in .gitignore)", request.watch.ignore);
  add_patterns(
    watch, "--include", "Tell only what matches (as in .gitignore)", request.watch.include);
  watch.add_flag("--gitignore", request.watch.gitignore, "Obey the .gitignore files, skip .git");
  watch
    .add_option_function<std::string>(
      "-e",
      [&](const std::string& list) {
        auto parsed = change_kinds::parse(list);
        if (const auto* mistake = std::get_if<std::string>(&parsed))
          throw CLI::ValidationError{"-e", *mistake};
        request.kinds = std::get<change_kinds>(parsed);
      },
      "Only these: create,modify,delete,rename,attrib")
    ->type_name("KINDS");
  add_choice<watch_backend>(watch, "--backend", "How to learn of changes (auto)",
    {{"auto", watch_backend::automatic}, {"fanotify", watch_backend::fanotify},
      {"inotify", watch_backend::inotify}, {"poll", watch_backend::poll}},
    request.watch.backend);
  watch.add_flag("--follow", request.watch.follow, "Follow links to directories outside of PATH");
  watch.add_flag(
    "--one-file-system", request.watch.one_file_system, "Do not enter other file systems");
  watch.add_flag("--wait-for-path", request.watch.wait_for_path, "PATH need not exist yet");
  add_duration(watch, "--settle", "Report when nothing has changed for so long (300ms; 0: at once)",
    [&](auto span) { request.settle = span; });
  add_duration(watch, "--max-wait", "But wait no longer than this (10 x settle)",
    [&](auto span) { request.max_wait = span; });
  watch.add_flag(
    "--initial", request.watch.initial, "Begin with a create for everything that is there");
  watch
    .add_option("--state", request.watch.state_file,
      "Remember PATH in FILE, and begin with what changed since the last run")
    ->type_name("FILE");
  watch.add_flag("-1,--once", request.once, "Stop after the first batch of changes");
  add_duration(watch, "-t,--timeout", "Stop when nothing was reported for so long",
    [&](auto span) { request.timeout = span; });
  watch.add_flag("--exit-on-lost", request.exit_on_lost, "Stop when a watched directory is gone");
  add_duration(watch, "--poll-interval", "How often to read what cannot be watched (1s)",
    [&](auto span) { request.watch.poll_interval = span; });
  add_choice<line_format>(watch, "--format",
    "json (NDJSON, default), text, or 0 (paths for xargs -0); with --to, nothing but ready and "
    "error is printed unless this is given",
    {{"json", line_format::json}, {"text", line_format::text}, {"0", line_format::zero}},
    request.format);
  watch.add_flag_function(
    "--progress,!--no-progress", [&](auto count) { request.show_progress = count > 0; },
    "Show the first reading of the tree (when standard error is a terminal)");
  add_logging(watch, request.log_min, request.logs);
  add_command_options(watch, request.command);
  add_link_options(watch, request.link);
  add_doors(watch, request.admin, request.http);
}

void add_run(CLI::App& program, run_request& request) {
  auto& run = *program.add_subcommand(
    "run", "Run every pipeline of a configuration as a service; SIGHUP reads it again");
  run.add_option("--config", request.config, "The configuration (docs/config.md)")
    ->required()
    ->type_name("FILE");
  add_logging(run, request.log_min, request.logs);
}

void add_validate(CLI::App& program, validate_request& request) {
  auto& validate = *program.add_subcommand(
    "validate", "Tell all that is wrong with a configuration, or when its children restart");
  auto& file = *validate.add_option("FILE", request.file, "The configuration (docs/config.md)");
  auto& schema = *validate.add_flag_callback(
    "--schema", [&] { request.what = validate_request::print::schema; },
    "Print the JSON Schema of configurations instead");
  auto& keys = *validate.add_flag_callback(
    "--keys-markdown", [&] { request.what = validate_request::print::keys; },
    "Print the tables of docs/config.md instead");
  validate.callback([&] {
    if (file.count() + schema.count() + keys.count() == 0)
      throw CLI::RequiredError{"FILE"};
  });
}

void add_doctor(CLI::App& program, std::string& path) {
  auto& doctor =
    *program.add_subcommand("doctor", "Show what this machine allows a watcher: backends, limits");
  doctor.add_option("PATH", path, "A directory that is to be watched (.)");
}

/// What tells others how to use the program.
void add_descriptions(CLI::App& program, std::string& shell) {
  auto& completions = *program.add_subcommand(
    "completions", "Print what bash, zsh or fish needs to complete the command line");
  completions.add_option("SHELL", shell, "Which shell")
    ->required()
    ->check([](const std::string& text) {
      return std::string{
        text == "bash" || text == "zsh" || text == "fish" ? "" : "it is none of bash|zsh|fish"};
    })
    ->type_name("bash|zsh|fish");
  program.add_subcommand("manual", "Print the manual page, for man(1)")->group("");
}

} // namespace

int main(int argc, char** argv) {
  auto program = CLI::App{"actors: supervised, bounded, observable event pipelines", "actors"};
  program.set_version_flag("--version", "actors " + std::string{version()});
  program.require_subcommand(1);
  auto to_watch = watch_request{};
  auto verbs = admin_verbs{};
  add_watch(program, to_watch);
  verbs.add_to(program);
  auto to_run = run_request{};
  add_run(program, to_run);
  auto to_collect = collect_request{};
  add_collect(program, to_collect);
  auto to_validate = validate_request{};
  add_validate(program, to_validate);
  auto to_examine = std::string{"."};
  add_doctor(program, to_examine);
  auto to_certify = certs_request{};
  add_certs(program, to_certify);
  auto shell = std::string{};
  add_descriptions(program, shell);
  auto line = split(argc, argv);
  try {
    auto words = std::vector<char*>{};
    for (auto& word : line.words)
      words.push_back(word.data());
    program.parse(static_cast<int>(words.size()), words.data());
    if (line.command)
      take_command(program, std::move(*line.command), to_watch.command);
  } catch (const CLI::Success& x) { // --help, --version
    return program.exit(x);
  } catch (const CLI::ParseError& x) {
    std::cerr << "actors: " << x.what() << "; see actors --help\n";
    return usage;
  }
  try {
    if (program.got_subcommand("completions"))
      return completions(program, shell, std::cout);
    if (program.got_subcommand("manual"))
      return manual(program, std::cout);
    if (program.got_subcommand("certs"))
      return certs(to_certify);
    if (program.got_subcommand("doctor"))
      return doctor(to_examine);
    if (program.got_subcommand("run"))
      return run(to_run);
    if (program.got_subcommand("collect"))
      return collect(to_collect);
    if (program.got_subcommand("validate"))
      return validate(to_validate);
    return program.got_subcommand("watch") ? watch(to_watch) : verbs.chosen()();
  } catch (const std::exception& x) { // this machine has no descriptor, thread or memory left
    std::cerr << "actors: " << x.what() << '\n';
    return run_time_error;
  }
}
