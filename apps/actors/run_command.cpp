#include "run_command.hpp"

#include "actors/node/config_file.hpp"
#include "actors/node/node.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#include "admin_address.hpp"
#include "exit_code.hpp"
#include "program_end.hpp"
#include "reloader.hpp"
#include "service_notifications.hpp"
#include "signals.hpp"
#include "wanted_doors.hpp"

namespace actors::program {

namespace {

exit_code exit_code_of_config(errc code) {
  return code == errc::invalid_argument ? bad_config : exit_code_of(code);
}

/// For the door, which is open before there is something to reload.
std::function<result<std::string>()> reload_of(std::atomic<reloader*>& present) {
  return [&present]() -> result<std::string> {
    if (auto* reloads = present.load())
      return reloads->reload();
    return failure(errc::unavailable, "it still starts");
  };
}

std::function<reload_report(const root_change&)> root_change_of(std::atomic<reloader*>& present) {
  return [&present](const root_change& what) {
    if (auto* reloads = present.load())
      return reloads->change_root(what);
    auto refused = reload_report{};
    refused.failed.push_back({errc::unavailable, "it still starts", {}});
    return refused;
  };
}

/// Until a signal asks for the end, or nothing is left to run.
void serve(
  signals& incoming, wake_event& changed, reloader& reloads, service_notifications& service) {
  auto is_reloading = false;
  while (!reloads.is_over()) {
    if (is_reloading && !reloads.is_under_way()) {
      is_reloading = false;
      service.ready();
    }
    switch (incoming.wait(changed, service.tick())) {
      case signals::what::end: return;
      case signals::what::reload:
        is_reloading = true;
        service.reloading();
        reloads.reload_soon();
        break;
      case signals::what::event: changed.lower(); break;
      case signals::what::timeout: break;
    }
  }
}

/// Drains and stops; a signal meanwhile ends the program at once.
stop_report stop(node& host, signals& incoming, service_notifications& service,
  std::chrono::milliseconds deadline) {
  service.stopping();
  auto report = stop_report{};
  auto done = wake_event{};
  auto stopping = std::thread{[&] {
    report = host.stop(deadline);
    done.raise();
  }};
  for (auto is_done = false; !is_done;)
    switch (incoming.wait(done, service.tick())) {
      case signals::what::end: end_at_once(host.admin_path());
      case signals::what::event: is_done = done.lower(); break;
      case signals::what::reload:
      case signals::what::timeout: break;
    }
  stopping.join();
  return report;
}

} // namespace

int run(const run_request& request) {
  auto incoming = signals{signals::hangup::reloads};
  auto manager = service_manager::from_environment();
  auto changed = wake_event{};
  const auto config = load_config(request.config);
  if (!config) {
    std::cerr << config.error().text << "\nactors: not started\n";
    return exit_code_of_config(config.error().code);
  }
  auto reloads = std::unique_ptr<reloader>{};
  auto present = std::atomic<reloader*>{nullptr};
  auto with = node_options{};
  with.name = config->name;
  with.log = standard_error_log(request.log_min, request.logs);
  with.admin = config->admin.empty() ? own_admin_address() : socket_path(config->admin);
  with.http = config->http;
  with.on_reload = reload_of(present);
  with.on_root_change = root_change_of(present);
  with.on_stop = ask_itself_to_stop();
  if (const auto* faults = std::getenv("ACTORS_FAULT")) // tests only: docs/faults.md
    with.faults = faults;
  auto host = std::make_unique<node>(with);
  const auto wanted =
    wanted_doors{.admin = !config->admin.empty(), .http = !config->http.listen.empty()};
  if (wanted.are_missing_at(*host))
    return run_time_error; // asked for by name, and not to be had: the log says why

  reloads = std::make_unique<reloader>(*host, request.config, with.log, changed);
  const auto started = reloads->begin(*config);
  if (!started.failed.empty()) {
    for (const auto& each : started.failed)
      complain(each.text);
    host->stop();
    return exit_code_of_config(started.failed.front().code);
  }
  present = reloads.get();
  auto service = service_notifications{manager, *host};
  serve(incoming, changed, *reloads, service);

  const auto has_failed = reloads->has_failed();
  const auto report = stop(*host, incoming, service, reloads->stop_deadline());
  reloads->close();
  if (!report.clean || report.undelivered != 0)
    complain(report.text);
  const auto code = end_of(report,
    has_failed     ? pipeline_failed
    : report.clean ? stopped_as_asked
                   : run_time_error,
    with.admin);
  host.reset(); // its door asks for reloads
  return code;
}

} // namespace actors::program
