#include "actors/config/option_keys.hpp"

namespace actors {

using namespace std::chrono_literals;

void describe(key_visitor& keys, debounce_limits& limits) {
  keys.millis("quiet_ms", limits.quiet, 0ms, 60s,
    "Changes are told when nothing has changed for so long. 300 folds what an editor or a build "
    "step does, and is hardly noticed. 0: they pass as they come.");
  if (!keys.has("hold_max_ms"))
    limits.hold_max = 10 * limits.quiet;
  keys.millis("hold_max_ms", limits.hold_max, 0ms, 10min,
    "But no change waits longer: a tree written to without pause is told too. Without this key, "
    "ten times `quiet_ms`.");
  keys.number("paths_max", limits.paths_max, 1, 10'000'000,
    "What is held is handed on early when it names so many paths: bounds memory, at some 300 "
    "bytes each.");
}

} // namespace actors
