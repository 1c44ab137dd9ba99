#include "collect_command.hpp"

#include "actors/core/peer_permission.hpp"
#include "actors/node/node.hpp"
#include "actors/os/stream_address.hpp"

#include <algorithm>
#include <memory>

#include "admin_address.hpp"
#include "exit_code.hpp"
#include "option_kinds.hpp"
#include "program_end.hpp"
#include "service_notifications.hpp"
#include "signals.hpp"
#include "standard_output.hpp"
#include "wanted_doors.hpp"

namespace actors::program {

namespace {

constexpr auto mebibyte = std::uint64_t{1024} * 1024;

int complain_with(std::string_view text, exit_code code) {
  complain(text);
  return code;
}

result<void> check_usage(const collect_request& request) {
  const auto address = stream_address::parse(request.listen);
  if (!address)
    return tl::unexpected{error{errc::invalid_argument, "--listen: " + address.error().text}};
  if (request.identity.insecure_loopback && !address->is_local())
    return failure(errc::invalid_argument,
      "--listen: " + request.listen
        + " can be reached from other machines: without TLS anybody could write to it; give "
          "--tls-ca, --tls-cert and --tls-key instead of --insecure-loopback");
  if (auto fine = check_usage(request.identity, request.forward); !fine)
    return fine;
  if (request.allow.empty() && !request.identity.insecure_loopback)
    return failure(errc::invalid_argument,
      "--allow is missing: nobody may link; name the certificates that may ('*': all that "
      "--tls-ca has signed)");
  if (const auto wrong = mistake_in(request.allow, request.identity.wire()); !wrong.empty())
    return failure(errc::invalid_argument, "--allow: " + wrong);
  return {};
}

collect_options options_of(const collect_request& request) {
  auto options = collect_options{};
  options.listen = request.listen;
  options.store = request.store;
  options.store_bytes_max = request.store_bytes_max;
  options.wire = request.identity.wire();
  options.tls = request.identity.tls;
  options.allow = request.allow;
  return options;
}

std::vector<emitter_options> emitters_of(const collect_request& request) {
  auto list = std::vector<emitter_options>{};
  if (request.format)
    list.push_back({"stdout", stdout_sink_options{*request.format}, {}, {}});
  if (!request.forward.empty()) {
    auto link = link_options{};
    link.addresses = request.forward;
    link.wire = request.identity.wire();
    link.tls = request.identity.tls;
    list.push_back({"forward", std::move(link), {}, {}});
  }
  return list;
}

/// Until the end is asked for, the pipeline has ended, or nobody reads what is printed.
void serve(signals& incoming, const wake_event& done, const collect_request& request, node& host,
  service_notifications& service) {
  while (!request.format || has_reader()) {
    auto next = service.tick();
    if (request.format)
      next = std::min<std::chrono::milliseconds>(next.value_or(reader_interval), reader_interval);
    switch (incoming.wait(done, next)) {
      case signals::what::event:
      case signals::what::end: return;
      case signals::what::reload: {
        service.reloading();
        [[maybe_unused]] const auto read = host.reload_certificates(); // it is in the log
        service.ready();
        break;
      }
      case signals::what::timeout: break;
    }
  }
}

} // namespace

void add_collect(CLI::App& program, collect_request& request) {
  auto& collect = *program.add_subcommand("collect",
    "Receive what other nodes send (actors watch --to), store it, hand it on; SIGHUP "
    "reads the certificates again");
  collect
    .add_option(
      "--listen", request.listen, "Where they come in: HOST:PORT, the host a number, or unix:/path")
    ->required()
    ->type_name("ADDR");
  collect
    .add_option("--store", request.store,
      "An SQLite file: every record is in it, once (see its "
      "view events)")
    ->required()
    ->type_name("FILE");
  collect
    .add_option_function<std::uint64_t>(
      "--store-max", [&](auto size) { request.store_bytes_max = size * mebibyte; },
      "When it has so many MiB, senders keep what they have (65536)")
    ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}))
    ->type_name("MIB");
  add_identity(collect, request.identity);
  collect
    .add_option("--allow", request.allow,
      "A name of certificates that may send to us; given again: others too ('*': all)")
    ->allow_extra_args(false)
    ->type_name("NAME");
  add_choice<line_format>(collect, "--format",
    "Print the merged stream: json (NDJSON), text, or 0 (paths for xargs -0)",
    {{"json", line_format::json}, {"text", line_format::text}, {"0", line_format::zero}},
    request.format);
  collect
    .add_option("--forward", request.forward,
      "Send everything to another collector too; given again: others, tried in turn")
    ->allow_extra_args(false)
    ->type_name("ADDR");
  add_node_name(collect, request.node, "this machine's, with -collector behind it");
  add_logging(collect, request.log_min, request.logs);
  add_doors(collect, request.admin, request.http);
}

int collect(const collect_request& request) {
  if (const auto fine = check_usage(request); !fine)
    return complain_with(fine.error().text + "; see actors collect --help", usage);
  const auto use = request.forward.empty() ? tls_use::to_listen : tls_use::any;
  if (const auto fine = check_certificates(request.identity, use); !fine)
    return complain_with(fine.error().text, bad_config);

  auto manager = service_manager::from_environment();
  auto incoming = signals{signals::hangup::reloads};
  auto done = wake_event{};
  auto with = node_options{};
  with.name = request.node.empty() ? own_node_name("-collector") : request.node;
  with.log = standard_error_log(request.log_min, request.logs);
  with.admin = request.admin.empty() ? own_admin_address() : socket_path(request.admin);
  with.http = request.http;
  with.on_stop = ask_itself_to_stop();
  auto host = std::make_unique<node>(with);
  const auto wanted =
    wanted_doors{.admin = !request.admin.empty(), .http = !request.http.listen.empty()};
  if (wanted.are_missing_at(*host))
    return run_time_error; // asked for by name, and not to be had: the log says why

  auto running = host->collect(options_of(request), emitters_of(request));
  if (!running) {
    const auto& why = running.error();
    return complain_with(
      why.text, why.code == errc::invalid_argument ? bad_config : exit_code_of(why.code));
  }
  running->on_done([&] { done.raise(); });
  auto service = service_notifications{manager, *host};
  serve(incoming, done, request, *host, service);

  service.stopping();
  running->request_stop();
  while (!running->is_done())
    if (incoming.wait(done, service.tick()) == signals::what::end)
      end_at_once(with.admin);
  const auto has_failed = running->has_failed();
  const auto report = host->stop();
  if (!report.clean)
    complain(report.text);
  const auto code = has_failed ? pipeline_failed : report.clean ? stopped_as_asked : run_time_error;
  return end_of(report, code, with.admin);
}

} // namespace actors::program
