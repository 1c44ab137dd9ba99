#include "network_options.hpp"

#include "actors/core/child_name.hpp"
#include "actors/os/dial.hpp"

#include <unistd.h>

#include <array>
#include <optional>
#include <string_view>

#include <CLI/CLI.hpp>

namespace actors::program {

namespace {

/// As is_name has it.
constexpr auto name_size_max = std::size_t{64};

std::string check_name(const std::string& text) {
  return is_name(text) ? "" : "\"" + text + "\" is no name of a node: " + name_rule;
}

} // namespace

link_options link_request::options() const {
  auto made = link_options{};
  made.addresses = to;
  made.wire = identity.wire();
  made.tls = identity.tls;
  made.server_name = server_name;
  return made;
}

emitter_options link_request::emitter() const {
  auto made = emitter_options{.name = "link", .to = options()};
  if (!spool.empty())
    made.spool.emplace().path = spool;
  return made;
}

void add_identity(CLI::App& command, identity_request& request) {
  command
    .add_option("--tls-ca", request.tls.ca_file,
      "Who may have signed the other end's certificate (PEM; actors certs makes some for a try)")
    ->type_name("FILE");
  command.add_option("--tls-cert", request.tls.certificate_file, "Our own certificate (PEM)")
    ->type_name("FILE");
  command.add_option("--tls-key", request.tls.key_file, "And its key (PEM)")->type_name("FILE");
  command.add_flag("--insecure-loopback", request.insecure_loopback,
    "In the clear, without certificates; on this machine alone");
}

void add_node_name(CLI::App& command, std::string& name, const std::string& standard) {
  command.add_option("--node", name, "The name of this node, to others (" + standard + ")")
    ->check(check_name)
    ->type_name("NAME");
}

void add_link_options(CLI::App& watch, link_request& request) {
  watch
    .add_option("--to", request.to,
      "Send changes to the collector there (actors collect); given again: others, tried in turn")
    ->allow_extra_args(false)
    ->type_name("ADDR");
  add_identity(watch, request.identity);
  watch
    .add_option("--server-name", request.server_name,
      "The name that the collector's certificate must have (the host of ADDR)")
    ->type_name("NAME");
  watch
    .add_option("--spool", request.spool,
      "Keep in FILE what the collector has not stored: it survives the end of this program")
    ->type_name("FILE");
  add_node_name(watch, request.node, "this machine's");
}

result<void> check_usage(
  const identity_request& request, const std::vector<std::string>& addresses) {
  const auto refuse = [](std::string text) -> result<void> {
    return failure(errc::invalid_argument, std::move(text));
  };
  for (const auto& text : addresses) {
    const auto address = dial_address::parse(text);
    if (!address)
      return tl::unexpected{address.error()};
    if (request.insecure_loopback && !address->is_local())
      return refuse(text
                    + " is not on this machine: without TLS anybody between could read and write; "
                      "give --tls-ca, --tls-cert and --tls-key instead of --insecure-loopback");
  }
  const auto& tls = request.tls;
  if (request.insecure_loopback)
    return tls.is_given() ? refuse("--insecure-loopback and --tls-...: choose one")
                          : result<void>{};
  for (const auto& [name, file] : {std::pair{"--tls-ca", tls.ca_file},
         {"--tls-cert", tls.certificate_file}, {"--tls-key", tls.key_file}})
    if (file.empty())
      return refuse(std::string{name}
                    + " is missing: nodes speak TLS, with --tls-ca, --tls-cert and --tls-key (see "
                      "actors certs), or, on one machine, --insecure-loopback");
  return {};
}

result<void> check_usage(const link_request& request) {
  if (!request.to.empty()) {
    for (const auto& address : request.to)
      if (address.starts_with("unix:") && !request.identity.insecure_loopback
          && request.server_name.empty())
        return failure(errc::invalid_argument,
          address
            + " has no host: say with --server-name which name the collector's certificate "
              "must have");
    return check_usage(request.identity, request.to);
  }
  const auto& tls = request.identity.tls;
  if (tls.is_given() || request.identity.insecure_loopback || !request.server_name.empty()
      || !request.spool.empty())
    return failure(errc::invalid_argument,
      "--tls-..., --insecure-loopback, --server-name and --spool are of a link: say where to, with "
      "--to");
  return {};
}

result<void> check_certificates(const identity_request& request, tls_use use) {
  if (request.insecure_loopback)
    return {};
  const auto identity = tls_identity::load(request.tls, use);
  if (!identity)
    return tl::unexpected{identity.error()};
  return {};
}

std::string own_node_name(const std::string& suffix) {
  auto host = std::array<char, 256>{}; // HOST_NAME_MAX is 64, gethostname(2)
  if (::gethostname(host.data(), host.size() - 1) != 0)
    host[0] = '\0';
  auto name = std::string{host.data()};
  name = name.substr(0, name.find('.')).substr(0, name_size_max - suffix.size());
  for (auto& letter : name)
    if (!is_name(std::string_view{&letter, 1}))
      letter = '-';
  return (name.empty() ? "actors" : name) + suffix;
}

} // namespace actors::program
