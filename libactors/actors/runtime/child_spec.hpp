#pragma once

#include "actors/core/dynamic_group.hpp"
#include "actors/core/mailbox_limits.hpp"
#include "actors/core/supervision_rules.hpp"
#include "actors/protocol/delivery_listener.hpp"
#include "actors/protocol/factory.hpp"
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

using stage_factory = factory<stage>;
using source_factory = factory<source>;
using sink_factory = factory<sink>;

/// What makes the incarnations of a child.
using product = std::variant<stage_factory, source_factory, sink_factory>;

/// The same for the children of a pool, from their id and arguments. They keep no values.
using worker_factory =
  std::function<std::unique_ptr<stage>(const std::string& id, const std::string& args)>;

/// Not a child but a supervisor over children of its own.
struct group_spec {
  supervision_rules supervision;
};

/// A supervisor over any number of children by one template.
struct pool_spec {
  supervision_rules supervision;
  dynamic_group::limits limits;
  child_rules rules; ///< of each; its id is given when it is added
  worker_factory make;
};

/// One child of a pipeline, as its supervisor sees it.
struct child_spec {
  child_rules rules;
  std::variant<stage_factory, source_factory, sink_factory, group_spec, pool_spec> make;
  mailbox_limits mailbox;                ///< sources and groups have none; a pool's children each
  std::vector<std::size_t> downstream{}; ///< indexes of the children it feeds, declared earlier
  bool numbers_output = false;           ///< gives the batches it hands on their `seq`
  std::optional<std::size_t> group{};    ///< index of the group it belongs to

  /// What is in its mailbox is kept elsewhere too: what is left there at the end is no loss.
  bool has_kept_input = false;

  /// Of a sink: told what becomes of batches at it.
  std::vector<std::shared_ptr<delivery_listener>> listeners{};
};

struct pipeline_spec {
  std::string name;
  supervision_rules supervision;
  std::vector<child_spec> children; ///< in the order of starting: sinks first, sources last
  /// All that are told what becomes of batches somewhere; they hear of the end too. Shared with the
  /// sources that want to know.
  std::vector<std::shared_ptr<delivery_listener>> listeners{};
  std::string run{}; ///< a name like no other, for the numbers that this run gives
};

} // namespace actors
