#include "actors/config/read_config.hpp"

#include "actors/config/config_difference.hpp"
#include "actors/config/topology.hpp"
#include "actors/core/utf8.hpp"

#include <algorithm>
#include <string_view>

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const auto text = std::string_view{reinterpret_cast<const char*>(bytes), size};
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  auto reading = read_config(text, "f");
  const auto mistakes = reading.mistakes.take();
  for (const auto& mistake : mistakes) {
    promise(mistake.line >= 1 && mistake.line <= lines, "a mistake stands on a line of the file");
    const auto said = to_text(mistake);
    promise(said.size() < 2'000, "a message is short");
    for (auto rest = std::string_view{said}; !rest.empty();) {
      const auto length = utf8_length(rest);
      promise(length > 0 && static_cast<unsigned char>(rest.front()) >= 0x20,
        "a message is one line of text");
      rest.remove_prefix(length);
    }
  }
  promise(!mistakes.empty() || !reading.config.pipelines.empty(), "a config does something");
  if (mistakes.empty())
    for (const auto& pipeline : reading.config.pipelines)
      promise(!pipeline.name.empty() && !pipeline.paths.empty() && !pipeline.emit.empty(),
        "a pipeline has all it needs");
  restart_schedule(reading.config);
  for (const auto& change : difference(reading.config.pipelines, reading.config.pipelines))
    promise(!mistakes.empty() || change.what == pipeline_change::action::keep,
      "it differs not from itself");
  return 0;
}
