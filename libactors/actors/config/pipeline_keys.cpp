#include "actors/config/option_keys.hpp"

#include <string>

namespace actors {

void describe(key_visitor& keys, pipeline_config& config) {
  keys.text("name", config.name, value_rule::name,
    "In health, logs and metrics, and what a reload knows it by. None is there twice.",
    key_visitor::presence::required);
  keys.object("watch", "What is watched, and how.",
    [&](key_visitor& inside) { describe(inside, config.watch, config.paths); });
  keys.object("debounce", "Changes are folded into their net effect until all is quiet.",
    [&](key_visitor& inside) { describe(inside, config.debounce); });
  auto only = std::vector<std::string>{};
  keys.texts("only", only, value_rule::change_kind,
    "Only changes of these kinds are told: create, modify, delete, rename, attrib. Without this "
    "key, all of them.");
  if (!only.empty()) {
    config.only = {};
    for (const auto& kind : only)
      if (const auto parsed = change_kinds::parse(kind);
          std::holds_alternative<change_kinds>(parsed))
        for (const auto change : change_types)
          if (std::get<change_kinds>(parsed).holds(change))
            config.only.add(change);
    if (config.only.empty())
      config.only = change_kinds::all(); // every word was refused
  }
  keys.object("supervise", "When children are restarted, and how long.",
    [&](key_visitor& inside) { describe(inside, config.supervise, config.mailbox.on_down); });
  keys.object("mailbox", "The bounds of every mailbox that has none of its own.",
    [&](key_visitor& inside) { describe(inside, config.mailbox); });
  describe_emitters(keys, config.emit, config.mailbox,
    "Where the changes go: each sink gets all of them.", key_visitor::presence::required);
}

} // namespace actors
