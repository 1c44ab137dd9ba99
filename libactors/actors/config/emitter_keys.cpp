#include "actors/config/option_keys.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

namespace actors {

namespace {

constexpr named_value<line_format> format_words[] = {
  {"json", line_format::json}, {"text", line_format::text}, {"0", line_format::zero}};

/// The default of the sink with that place in `sink_options`.
sink_options sink_at(std::size_t place) {
  switch (place) {
    case 1: return file_sink_options{};
    case 2: return socket_sink_options{};
    case 3: return command_sink_options{};
    case 4: return http_sink_options{};
    case 5: return nats_sink_options{};
    case 6: return link_options{};
    default: return stdout_sink_options{};
  }
}
static_assert(std::variant_size_v<sink_options> == 7);

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

constexpr auto spool_rule =
  "only http, nats and node sinks have a spool; the others keep nothing back";

} // namespace

const std::vector<std::string_view>& sink_words() {
  static const auto words =
    std::vector<std::string_view>{"stdout", "file", "socket", "command", "http", "nats", "node"};
  return words;
}

void describe(key_visitor& keys, stdout_sink_options& options) {
  keys.choice("format", options.format, format_words,
    "NDJSON, text for people, or paths ended by NUL for xargs -0.");
}

void describe(key_visitor& keys, spool_options& options) {
  keys.text("spool", options.path, value_rule::file_to_write,
    "A file of this sink alone, in which accepted records are kept until they are delivered: they "
    "survive a kill -9, and a receiver that is away for days.");
  keys.mebibytes("spool_mb", options.bytes_max, 1, 1'000'000,
    "When so much waits in it, the edge is full and its policy decides.");
}

void describe(key_visitor& keys, emitter_options& emitter, const mailbox_limits& mailboxes) {
  keys.shapes(
    "to", sink_words(), "What kind of sink it is.", [&](key_visitor& inside, std::size_t which) {
      emitter.to = sink_at(which);
      std::visit([&](auto& options) { describe(inside, options); }, emitter.to);
      if (which < 4) {
        inside.refused("spool", spool_rule);
        inside.refused("spool_mb", spool_rule);
        return;
      }
      auto spool = spool_options{};
      describe(inside, spool);
      emitter.spool = spool.path.empty() ? std::nullopt : std::optional{spool};
    });
  keys.text("name", emitter.name, value_rule::name,
    "Of the child, in health, logs and metrics. Without this key, what `to` says, numbered when it "
    "is there twice: `file`, `file-2`.");
  if (!keys.has("mailbox"))
    return;
  emitter.mailbox = mailboxes;
  keys.object("mailbox", "The bounds of this edge; what it does not say is as in the pipeline's.",
    [&](key_visitor& inside) { describe(inside, *emitter.mailbox); });
}

void describe_emitters(key_visitor& keys, std::vector<emitter_options>& emit,
  const mailbox_limits& mailboxes, std::string_view about, key_visitor::presence how) {
  keys.objects(
    "emit", emitters_max, about,
    [&](key_visitor& inside, std::size_t index) {
      emit.resize(std::max(emit.size(), index + 1));
      describe(inside, emit[index], mailboxes);
    },
    how);
  name_emitters(emit);
}

} // namespace actors
