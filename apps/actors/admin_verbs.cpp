#include "admin_verbs.hpp"

#include "actors/core/duration_text.hpp"
#include "actors/core/wildcards.hpp"

#include <CLI/CLI.hpp>

namespace actors::program {

using namespace std::chrono_literals;

CLI::App& admin_verbs::add(CLI::App& program, const char* name, const char* help,
  node_address& where, std::function<int()> run) {
  auto& verb = *program.add_subcommand(name, help);
  verb
    .add_option("--admin", where.admin,
      "Which node: unix:/path, http://HOST:PORT or https://HOST:PORT (the local one)")
    ->type_name("ADDR");
  verb.add_option("--token-file", where.token_file, "The token that a port may ask for")
    ->type_name("FILE");
  verb.add_option("--ca", where.ca_file, "Trust certificates of this authority (PEM)")
    ->type_name("FILE");
  verb.callback([this, run] { chosen_ = run; });
  return verb;
}

namespace {

/// For those that need no stream: none is carried over a link.
CLI::App& anywhere(CLI::App& verb, node_address& where) {
  verb
    .add_option("--node", where.node,
      "Ask a node that links to that one, by its name; COLLECTOR/NAME: one behind another")
    ->type_name("NAME");
  return verb;
}

} // namespace

void admin_verbs::add_to(CLI::App& program) {
  auto& shown = add(program, "status", "Show how the children of running nodes are", status_.where,
    [this] { return status(status_); });
  anywhere(shown, status_.where).add_flag("--json", status_.json, "As JSON, one object a node");
  anywhere(add(program, "tree", "Show the supervision tree of running nodes", tree_,
             [this] { return tree(tree_); }),
    tree_);

  auto& live =
    add(program, "top", "Show what a node does, live: rates, mailboxes, restarts, latency",
      top_.where, [this] { return top(top_); });
  anywhere(live, top_.where)
    .add_flag("--once", top_.once, "One look, with averages since the start");
  live
    .add_option_function<std::string>(
      "--interval",
      [this](const std::string& text) {
        const auto span = parse_duration(text);
        if (!span || *span < 100ms || *span > 1h)
          throw CLI::ValidationError{
            "--interval", "\"" + text + "\" is no duration from 100ms to 1h"};
        top_.interval = *span;
      },
      "Time between looks (1s)")
    ->type_name("DUR");

  auto& looked = add(program, "tap", "Print the records that flow to children, as NDJSON",
    tap_.where, [this] { return tap(tap_); });
  looked.add_option("GLOB", tap_.edges, "Which: PIPELINE/CHILD, with wildcards as in .gitignore")
    ->required()
    ->check([](const std::string& text) {
      return text.empty() || !wildcards_are_whole(text)
               ? "\"" + text + "\" can match nothing (see gitignore(5))"
               : std::string{};
    });
  looked.add_option("--max", tap_.max, "Stop after so many records")
    ->check(CLI::PositiveNumber)
    ->type_name("N");

  auto& told = add(program, "events", "Print what supervisors and children told lately",
    events_.where, [this] { return events(events_); });
  anywhere(told, events_.where)
    .add_flag("--follow", events_.follow, "And what they tell from now on");
  told.add_flag("--json", events_.json, "As NDJSON");

  add_orders(program);
}

void admin_verbs::add_orders(CLI::App& program) {
  auto& again = add(program, "reset", "Start a failed child again; one that backs off, at once",
    reset_, [this] { return reset(reset_, child_); });
  anywhere(again, reset_)
    .add_option("CHILD", child_, "PIPELINE/CHILD, as in status --json")
    ->required();
  anywhere(add(program, "reload", "Have a node read its configuration again", reload_,
             [this] { return reload(reload_); }),
    reload_);
  add_root_verb(
    program, "add", "Have a pipeline of a configuration watch one path more", add_, add_root);
  add_root_verb(program, "remove", "Have a pipeline of a configuration watch one path less",
    remove_, remove_root);
  auto& ended =
    add(program, "stop", "Stop a node in order", stop_.where, [this] { return stop(stop_); });
  anywhere(ended, stop_.where).add_flag("--wait", stop_.wait, "Until it has stopped");
}

void admin_verbs::add_root_verb(CLI::App& program, const char* name, const char* help,
  root_request& request, int (*run)(const root_request&)) {
  auto& verb = add(program, name, help, request.where, [&request, run] { return run(request); });
  anywhere(verb, request.where);
  verb.add_option("PIPELINE", request.pipeline, "Which: its name in the configuration")->required();
  verb.add_option("PATH", request.path, "A directory or file, there")->required();
}

} // namespace actors::program
