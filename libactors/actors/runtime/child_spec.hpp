#pragma once

#include "actors/core/bounded_queue.hpp"
#include "actors/core/supervision.hpp"
#include "actors/protocol/sink.hpp"
#include "actors/protocol/source.hpp"
#include "actors/protocol/stage.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace actors {

/// Builds an incarnation's object. Called on the thread it will live on; may throw, which is a
/// failed start. What the incarnations share (kept values) is captured.
using stage_factory = std::function<std::unique_ptr<stage>()>;
using source_factory = std::function<std::unique_ptr<source>()>;
using sink_factory = std::function<std::unique_ptr<sink>()>;

/// One child of a pipeline, as its supervisor sees it.
struct child_spec {
  child_rules rules;
  std::variant<stage_factory, source_factory, sink_factory> make;
  mailbox_limits mailbox;                ///< sources have none
  std::optional<std::size_t> downstream; ///< index of the child that is fed; it is declared earlier
  bool numbers_output = false;           ///< gives the batches it hands on their `seq`
};

struct pipeline_spec {
  std::string name;
  supervision_rules supervision;
  std::vector<child_spec> children; ///< in the order of starting: sinks first, sources last
};

} // namespace actors
