#include "actors/config/option_keys.hpp"

#include <algorithm>
#include <string>

namespace actors {

namespace {

/// Each has a mailbox and perhaps a thread.
constexpr std::size_t emitters_max = 64;

/// Those without a name get that of their kind; the second of it "file-2".
void name_emitters(std::vector<emitter_options>& emitters) {
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(
      emitters.begin(), emitters.end(), [&](const auto& x) { return x.name == name; });
  };
  for (auto& emitter : emitters) {
    if (!emitter.name.empty())
      continue;
    const auto word = std::string{sink_words()[emitter.to.index()]};
    auto name = word;
    for (auto number = 2; is_taken(name); ++number)
      name = word + "-" + std::to_string(number);
    emitter.name = name;
  }
}

} // namespace

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
  keys.objects("emit", emitters_max, "Where the changes go: each sink gets all of them.",
    [&](key_visitor& inside, std::size_t index) {
      config.emit.resize(std::max(config.emit.size(), index + 1));
      describe(inside, config.emit[index], config.mailbox);
    });
  name_emitters(config.emit);
}

} // namespace actors
