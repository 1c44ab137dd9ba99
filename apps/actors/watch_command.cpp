#include "watch_command.hpp"

#include "actors/actors.hpp"
#include "actors/core/duration_text.hpp"
#include "actors/core/time_point.hpp"
#include "actors/os/byte_sink.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "admin_address.hpp"
#include "crawl_display.hpp"
#include "exit_code.hpp"
#include "program_end.hpp"
#include "service_notifications.hpp"
#include "signals.hpp"
#include "standard_output.hpp"
#include "wanted_doors.hpp"
#include "watch_output.hpp"
#include "watch_run.hpp"

namespace actors::program {

using namespace std::chrono_literals;

namespace {

std::string environment(const char* name) {
  const auto* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// Tests only: short waits, between restarts and for what hangs (docs/faults.md).
supervise_options supervision() {
  auto options = supervise_options{};
  if (const auto base = parse_duration(environment("ACTORS_FAULT_BACKOFF"));
      base && base->count() > 0) {
    options.restart.backoff.base = *base;
    options.restart.backoff.cap = 16 * *base;
    options.restart.backoff.stable_after = 32 * *base;
    options.group.budget.restarts_max = 1'000'000;
  }
  if (const auto hang = parse_duration(environment("ACTORS_FAULT_HANG")); hang && hang->count() > 1)
    options.hang_after = *hang;
  return options;
}

/// Waits for the end of the pipeline, asking for it on a signal or after the timeout without
/// output. The exit code if it is known already.
std::optional<exit_code> wait_for_end(signals& incoming, const wake_event& done,
  const watch_request& request, watch_progress& progress, command_runner* runner,
  service_notifications& service) {
  for (;;) {
    auto left = std::optional<std::chrono::milliseconds>{};
    if (request.timeout) {
      const auto last = time_point{time_point::duration{progress.last_write.load()}};
      left = left_until(last + *request.timeout, std::chrono::steady_clock::now());
    }
    const auto tick = service.tick();
    auto next = left && tick ? std::min(*left, *tick) : left ? left : tick;
    if (!request.link.to.empty()) { // who prints little does not notice that nobody reads it
      if (!has_reader())
        return std::nullopt;
      next = std::min<std::chrono::milliseconds>(next.value_or(reader_interval), reader_interval);
    }
    switch (left && left->count() == 0 ? signals::what::timeout : incoming.wait(done, next)) {
      case signals::what::event: return std::nullopt;
      case signals::what::reload:
      case signals::what::end: return stopped_as_asked;
      case signals::what::timeout:
        if (left && left->count() == 0 && runner != nullptr && !runner->is_idle())
          progress.last_write = std::chrono::steady_clock::now().time_since_epoch().count();
        else if (left && left->count() == 0)
          return timed_out;
    }
  }
}

/// What was started has ended; asks `signals` meanwhile: a second one kills it.
bool await_children(signals& incoming, command_runner& runner) {
  constexpr auto pause = 20ms; // nobody waits for more than the last of them
  const auto never = wake_event{};
  while (!runner.is_idle())
    if (incoming.wait(never, pause) == signals::what::end)
      return false;
  return true;
}

[[noreturn]] void end_with(command_runner* runner, const std::string& admin) {
  if (runner != nullptr)
    runner->kill(1s); // the kernel is quick, unless a disk or a network holds the command
  end_at_once(admin);
}

} // namespace

int watch(const watch_request& request) {
  const auto has_link = !request.link.to.empty();
  if (const auto fine = check_usage(request.link); !fine) {
    complain(fine.error().text + "; see actors watch --help");
    return usage;
  }
  if (has_link)
    if (const auto fine = check_certificates(request.link.identity, tls_use::to_dial); !fine) {
      complain(fine.error().text);
      return bad_config;
    }
  auto manager = service_manager::from_environment();
  auto incoming = signals{};
  auto done = wake_event{};
  auto out = descriptor_sink{STDOUT_FILENO};
  auto progress = watch_progress{};
  progress.once = request.once;
  progress.exit_on_lost = request.exit_on_lost;
  if (has_link) // otherwise the pipeline ends with its only sink
    progress.over = &done;
  progress.last_write = std::chrono::steady_clock::now().time_since_epoch().count();

  auto with = node_options{};
  if (has_link || !request.link.node.empty())
    with.name = request.link.node.empty() ? own_node_name() : request.link.node;
  with.log = standard_error_log(request.log_min, request.logs);
  with.admin = request.admin.empty() ? own_admin_address() : socket_path(request.admin);
  if (with.admin.empty())
    with.log({log_level::info, "admin_door_closed",
      {{"reason", admin_folder() + " cannot be used; actors status will not see this process"}}});
  with.faults = environment("ACTORS_FAULT");
  with.http = request.http;
  with.on_stop = ask_itself_to_stop();
  auto host = std::make_unique<node>(with);
  const auto wanted =
    wanted_doors{.admin = !request.admin.empty(), .http = !request.http.listen.empty()};
  if (wanted.are_missing_at(*host))
    return run_time_error; // asked for by name, and not to be had: the log says why

  auto builder = host->pipeline("watch");
  auto options = request.watch;
  auto display = std::optional<crawl_display>{};
  if (request.show_progress.value_or(::isatty(STDERR_FILENO) == 1)) {
    options.progress = std::make_shared<crawl_progress>();
    options.progress->roots_to_read = static_cast<int>(request.paths.size());
  }
  if (!request.command.argv.empty())
    options.initial = false; // it is run once for all that is there
  for (const auto& path : request.paths)
    builder.watch(path, options);
  builder.debounce({request.settle, request.max_wait.value_or(10 * request.settle)});
  builder.only(request.kinds);
  if (has_link)
    builder.emit(request.link.emitter());
  const auto choice = has_link && !request.format ? line_choice::notices : line_choice::all;
  auto runner = std::shared_ptr<command_runner>{};
  if (request.command.argv.empty())
    builder.sink("emitter", [&, lines = std::make_shared<line_progress>()](succession how) mutable {
      if (how == succession::after_hang)
        lines = std::make_shared<line_progress>();
      return std::make_unique<watch_output>(
        out, lines, request.format.value_or(line_format::json), choice, progress);
    });
  else if (const auto fine = command_sink::check(request.command); !fine) {
    complain(fine.error().text);
    return exit_code_of(fine.error().code);
  } else {
    auto command = request.command;
    command.initial = request.watch.initial;
    runner = std::make_shared<command_runner>(command, "watch", with.log);
    builder.sink("emitter",
      [&, runner, command] { return std::make_unique<watch_run>(runner, command, progress); });
  }
  auto running = builder.supervise(supervision()).start();
  if (!running) {
    complain(running.error().text);
    return exit_code_of(running.error().code);
  }
  running->on_done([&] { done.raise(); });
  if (options.progress)
    display.emplace(options.progress);

  auto service = service_notifications{manager, *host};
  auto code = wait_for_end(incoming, done, request, progress, runner.get(), service);
  service.stopping();
  if (runner)
    runner->request_stop();
  running->request_stop();
  while (!running->is_done()) {
    done.lower();
    if (!running->is_done() && incoming.wait(done, service.tick()) == signals::what::end)
      end_with(runner.get(), with.admin);
  }
  if (runner && !await_children(incoming, *runner))
    end_with(runner.get(), with.admin);
  const auto report = host->stop();
  if (!report.clean
      || (report.undelivered != 0 && (code || has_link))) // a reader that left wants no more
    complain(report.text);
  if (code == timed_out && progress.changes_written)
    code = stopped_as_asked;
  if (running->has_failed())
    code = pipeline_failed;
  else if (progress.root_lost && request.exit_on_lost)
    code = root_lost;
  else if (!report.clean || progress.command_failed)
    code = run_time_error;
  return end_of(report, code.value_or(stopped_as_asked), with.admin);
}

} // namespace actors::program
