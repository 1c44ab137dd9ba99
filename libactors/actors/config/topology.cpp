#include "actors/config/topology.hpp"

#include "actors/config/value_rule.hpp"
#include "actors/core/child_name.hpp"
#include "actors/core/ignore_rules.hpp"
#include "actors/core/peer_permission.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <variant>

namespace actors {

namespace {

std::string item(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

std::string quoted(const std::string& text) {
  return '"' + shown(text) + '"';
}

/// For comparison: without ".", doubled and trailing slashes. "" for the current directory.
std::string plain_path(std::string_view path) {
  auto plain = std::string{path.starts_with('/') ? "/" : ""};
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (!part.empty() && part != ".")
      plain.append(plain.empty() || plain.back() == '/' ? "" : "/").append(part);
  }
  return plain;
}

/// What lies below `root` as a path relative to it; empty when it does not.
std::string below(const std::string& root, const std::string& path) {
  const auto above = root.empty() || root.back() == '/' ? root : root + "/";
  const auto is_relative = above.empty() && !path.starts_with('/') && !path.starts_with("../");
  if ((above.empty() && !is_relative) || !path.starts_with(above))
    return {};
  return path.substr(above.size());
}

bool is_ignored(const std::vector<std::string>& patterns, const std::string& path) {
  auto rules = ignore_rules{};
  for (const auto& pattern : patterns)
    rules.add(pattern);
  for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
    const auto is_whole = slash == std::string::npos;
    const auto verdict =
      rules.judge(path.substr(0, slash), is_whole ? file_type::file : file_type::directory);
    if (verdict == ignore_rules::verdict::ignored)
      return true;
    if (is_whole)
      return false;
  }
}

/// Of one sink of a pipeline.
std::vector<std::string> child_names(const emitter_options& emitter) {
  if (!emitter.spool)
    return {emitter.name};
  return {spool_writer_name(emitter.name), store_reader_name(emitter.name), emitter.name};
}

class topology_check {
public:
  explicit topology_check(mistake_list& mistakes) : mistakes_{mistakes} {}

  void node(const node_config& config) {
    if (!config.admin.empty())
      take_file(config.admin, "node.admin");
    const auto& http = config.http;
    if (!http.listen.empty())
      take_address(http.listen, "node.http");
    if (!http.listen.empty() && !is_local_address(http.listen)
        && (http.token_file.empty() || http.certificate_file.empty()))
      mistakes_.add("node.http", quoted(http.listen)
                                   + " can be reached from other machines: that needs "
                                     "http_token_file, http_cert_file and http_key_file");
    if (http.certificate_file.empty() != http.key_file.empty())
      mistakes_.add(
        "node." + std::string{http.key_file.empty() ? "http_cert_file" : "http_key_file"},
        "a certificate and its key come together: http_cert_file and http_key_file");
    if (http.listen.empty() && !(http.token_file + http.certificate_file + http.key_file).empty())
      mistakes_.add("node", "http_token_file, http_cert_file and http_key_file are of the HTTP "
                            "door, and there is none: say where with http");
    if (config.collect) {
      pipelines_.emplace(collect_config::name, "collect");
      collector(*config.collect, "collect");
    }
    for (std::size_t i = 0; i < config.pipelines.size(); ++i)
      pipeline(config.pipelines[i], item("pipelines", i));
  }

private:
  void pipeline(const pipeline_config& config, const std::string& key) {
    if (const auto [first, is_new] = pipelines_.emplace(config.name, key + ".name");
        !is_new && !config.name.empty())
      mistakes_.add(key + ".name", quoted(config.name) + " is the name of another pipeline too ("
                                     + place_of(first->second) + ")");
    if (config.debounce.quiet > config.debounce.hold_max)
      mistakes_.add(key + ".debounce.quiet_ms",
        "must not exceed hold_max_ms (" + std::to_string(config.debounce.hold_max.count())
          + "), but is " + std::to_string(config.debounce.quiet.count()));
    const auto& backoff = config.supervise.restart.backoff;
    if (backoff.base > backoff.cap)
      mistakes_.add(
        key + ".supervise.base_ms", "must not exceed cap_ms (" + std::to_string(backoff.cap.count())
                                      + "), but is " + std::to_string(backoff.base.count()));
    if (backoff.stable_after < backoff.cap)
      mistakes_.add(key + ".supervise.stable_after_ms",
        "must not be less than cap_ms (" + std::to_string(backoff.cap.count())
          + "), or every wait looks like stability, but is "
          + std::to_string(backoff.stable_after.count()));
    roots(config, key + ".watch");
    children(config, key + ".emit");
    for (std::size_t i = 0; i < config.emit.size(); ++i)
      emitter(config, config.emit[i], item(key + ".emit", i));
  }

  void collector(const collect_config& config, const std::string& key) {
    const auto& options = config.options;
    if (!options.listen.empty())
      take_listener(options.listen, key + ".listen");
    if (!options.store.empty())
      take_file(options.store, key + ".store");
    wire(options.wire, options.tls, key);
    if (options.wire == wire_policy::tls && options.allow.empty() && !mistakes_.has(key + ".allow"))
      mistakes_.add(key + ".allow",
        "is missing: nobody may link; name the certificates that may (\"*\": all that tls.ca has "
        "signed)");
    names(options.allow, options.wire, key + ".allow");
    if (options.wire == wire_policy::insecure_loopback && !options.listen.empty()
        && !is_local_address(options.listen))
      mistakes_.add(
        key + ".listen", quoted(options.listen)
                           + " can be reached from other machines: without TLS anybody could write "
                             "to it; give tls, or an address of loopback");
    heartbeats(options.heartbeat, options.deadline, key);
    auto taken = std::set<std::string>{"acceptor", "receiver"};
    for (std::size_t i = 0; i < config.emit.size(); ++i) {
      const auto& sink = config.emit[i];
      const auto is_forward = i + 1 == config.emit.size() && mistakes_.knows(key + ".forward");
      const auto place = is_forward ? key + ".forward" : item(key + ".emit", i);
      if (!taken.insert(sink.name).second || !taken.insert(store_reader_name(sink.name)).second)
        mistakes_.add(place + ".name",
          quoted(sink.name) + " is the name of another child of the collector too");
      if (sink.mailbox && sink.mailbox->on_full != overflow_policy::hold)
        mistakes_.add(place + ".mailbox.on_full",
          "must be hold: it holds what is stored already, and nothing needs be lost");
      if (sink.spool)
        mistakes_.add(place + ".spool", "the collector's store is one already");
      else
        emitter({}, sink, place);
    }
  }

  /// Nothing is left in the clear by mistake.
  void wire(wire_policy how, const tls_options& tls, const std::string& key) {
    if (how == wire_policy::insecure_loopback) {
      if (tls.is_given())
        mistakes_.add(key + ".insecure_loopback", "tls is given too; choose one");
      return;
    }
    if (!tls.is_given() && !mistakes_.knows(key + ".tls"))
      return mistakes_.add(key + ".tls",
        "is missing: name ca, cert and key (`actors certs` makes some for a try), or say "
        "insecure_loopback, which is for one machine");
    const auto need = [&](const std::string& file, const std::string& where) {
      if (file.empty() && !mistakes_.has(where))
        mistakes_.add(where, "is missing: ca, cert and key come together");
    };
    need(tls.ca_file, key + ".tls.ca");
    need(tls.certificate_file, key + ".tls.cert");
    need(tls.key_file, key + ".tls.key");
  }

  void names(const peer_names& list, wire_policy how, const std::string& key) {
    if (const auto wrong = mistake_in(list, how); !wrong.empty())
      mistakes_.add(key, wrong);
  }

  void heartbeats(std::chrono::milliseconds heartbeat, std::chrono::milliseconds deadline,
    const std::string& key) {
    if (deadline < 2 * heartbeat)
      mistakes_.add(key + ".deadline_ms", "must be at least twice heartbeat_ms ("
                                            + std::to_string(heartbeat.count()) + "), but is "
                                            + std::to_string(deadline.count()));
  }

  void link(const link_options& options, const std::string& key) {
    retries(options.retry_base, options.retry_max, key);
    heartbeats(options.heartbeat, options.deadline, key);
    names(options.observe, options.wire, key + ".observe");
    names(options.control, options.wire, key + ".control");
    if (mistakes_.knows(key + ".address")) // otherwise it is an address alone
      wire(options.wire, options.tls, key);
    for (std::size_t i = 0; i < options.addresses.size(); ++i) {
      const auto& address = options.addresses[i];
      const auto first = mistakes_.knows(key + ".address") ? key + ".address" : key;
      const auto place = i == 0 ? first : item(key + ".fallback", i - 1);
      if (options.wire == wire_policy::insecure_loopback && !address.empty()
          && !is_local_address(address))
        mistakes_.add(place, quoted(address)
                               + " is not on this machine: without TLS anybody between could read "
                                 "and write; give tls, or an address of loopback");
      if (options.wire == wire_policy::tls && address.starts_with("unix:")
          && options.server_name.empty())
        mistakes_.add(place, quoted(address)
                               + " has no host: say with server_name which name the collector's "
                                 "certificate must have");
    }
  }

  void roots(const pipeline_config& config, const std::string& key) {
    const auto& paths = config.paths;
    for (std::size_t i = 0; i < paths.size(); ++i)
      for (std::size_t k = 0; k < paths.size(); ++k) {
        const auto inner = plain_path(paths[i]);
        const auto outer = plain_path(paths[k]);
        if (i > k && inner == outer)
          mistakes_.add(item(key + ".paths", i), quoted(paths[i]) + " is there twice");
        else if (i != k && inner != outer && !below(outer, inner).empty()
                 && config.watch.depth_max == watch_options::no_limit)
          mistakes_.add(item(key + ".paths", i),
            quoted(paths[i]) + " lies in " + quoted(paths[k])
              + ", which tells of it already; give it a pipeline of its own");
      }
    if (config.watch.state_file.empty())
      return;
    take_file(config.watch.state_file, key + ".state");
    if (paths.size() > 1)
      mistakes_.add(key + ".state", "it is of one path, and there are "
                                      + std::to_string(paths.size())
                                      + "; give each a pipeline of its own");
  }

  void children(const pipeline_config& config, const std::string& key) {
    auto others = config;
    others.emit.clear();
    const auto made = child_names(others);
    auto names = std::set<std::string>{made.begin(), made.end()};
    for (std::size_t i = 0; i < config.emit.size(); ++i)
      for (const auto& name : child_names(config.emit[i]))
        if (!names.insert(name).second)
          mistakes_.add(item(key, i) + ".name",
            quoted(name) + " is the name of another child of the pipeline too");
  }

  void emitter(const pipeline_config& config, const emitter_options& what, const std::string& key) {
    if (mistakes_.has(key + ".to"))
      return; // it is not known what it is
    if (std::holds_alternative<stdout_sink_options>(what.to))
      take(stdout_, "-", key, "standard output has one writer: lines of two would mix");
    if (const auto* file = std::get_if<file_sink_options>(&what.to); file && !file->path.empty()) {
      take_file(file->path, key + ".path");
      keep_out_of_roots(config, file->path, key + ".path");
    }
    if (const auto* socket = std::get_if<socket_sink_options>(&what.to);
        socket && !socket->listen.empty()) {
      take_listener(socket->listen, key + ".listen");
      if (!is_local_address(socket->listen) && socket->token_file.empty())
        mistakes_.add(key + ".listen",
          quoted(socket->listen)
            + " can be reached from other machines, and records name files: that needs token_file");
    }
    if (const auto* http = std::get_if<http_sink_options>(&what.to))
      retries(http->retry_base, http->retry_max, key);
    if (const auto* nats = std::get_if<nats_sink_options>(&what.to))
      retries(nats->retry_base, nats->retry_max, key);
    if (const auto* node = std::get_if<link_options>(&what.to))
      link(*node, key);
    if (what.spool) {
      take_file(what.spool->path, key + ".spool");
      keep_out_of_roots(config, what.spool->path, key + ".spool");
    }
  }

  void retries(
    std::chrono::milliseconds base, std::chrono::milliseconds max, const std::string& key) {
    if (base > max)
      mistakes_.add(key + ".retry_base_ms", "must not exceed retry_max_ms ("
                                              + std::to_string(max.count()) + "), but is "
                                              + std::to_string(base.count()));
  }

  /// A file of ours that we tell of would be written because it was written, for ever.
  void keep_out_of_roots(
    const pipeline_config& config, const std::string& file, const std::string& key) {
    for (const auto& root : config.paths) {
      const auto inside = below(plain_path(root), plain_path(file));
      if (inside.empty() || is_ignored(config.watch.ignore, inside)
          || (inside.find('/') != std::string::npos && config.watch.depth_max == 1))
        continue;
      mistakes_.add(key, quoted(file) + " lies in " + quoted(root)
                           + ", which this pipeline tells of: each record would make the next; "
                             "put it elsewhere, or add it to watch.ignore");
    }
  }

  void take_file(std::string_view path, const std::string& key) {
    if (path.starts_with("unix:"))
      path.remove_prefix(5);
    take(files_, plain_path(path), key, "the file has one user");
  }

  void take_listener(const std::string& address, const std::string& key) {
    if (address.starts_with("unix:"))
      take_file(address, key);
    else
      take_address(address, key);
  }

  void take_address(const std::string& address, const std::string& key) {
    if (!address.ends_with(":0")) // any free one
      take(addresses_, address, key, "the address has one listener");
  }

  void take(std::map<std::string, std::string>& taken, const std::string& what,
    const std::string& key, const std::string& why) {
    if (const auto [first, is_new] = taken.emplace(what, key); !is_new)
      mistakes_.add(key, why + "; " + place_of(first->second) + " has it already");
  }

  std::string place_of(const std::string& key) const {
    return key + " on line " + std::to_string(mistakes_.line_of(key));
  }

  mistake_list& mistakes_;
  std::map<std::string, std::string> pipelines_;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> addresses_;
  std::map<std::string, std::string> stdout_;
};

} // namespace

void check_topology(const node_config& config, mistake_list& mistakes) {
  topology_check{mistakes}.node(config);
}

std::vector<std::string> child_names(const collect_config& config) {
  auto names = std::vector<std::string>{"acceptor", "receiver"};
  for (const auto& emitter : config.emit) {
    names.push_back(store_reader_name(emitter.name));
    names.push_back(emitter.name);
  }
  return names;
}

std::vector<std::string> child_names(const pipeline_config& config) {
  auto names = std::vector<std::string>{};
  for (std::size_t i = 0; i < config.paths.size(); ++i)
    names.push_back(watcher_name(i));
  if (config.debounce.quiet.count() != 0)
    names.emplace_back(debouncer_name);
  if (config.only != change_kinds::all())
    names.emplace_back(filter_name);
  if (names.size() == config.paths.size() && config.paths.size() > 1)
    names.emplace_back(sequencer_name);
  for (const auto& emitter : config.emit)
    for (auto& name : child_names(emitter))
      names.push_back(std::move(name));
  return names;
}

} // namespace actors
