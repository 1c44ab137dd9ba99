#pragma once

#include "actors/admin/http_door.hpp"
#include "actors/node/configured_pipelines.hpp"
#include "actors/node/door_routes.hpp"
#include "actors/node/emitters.hpp"
#include "actors/node/node.hpp"
#include "actors/node/node_network.hpp"
#include "actors/runtime/engine.hpp"
#include "actors/runtime/outlets.hpp"
#include "actors/stages/fault_plan.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// The actor system of a host that brings its own; and what `actors/caf.hpp` may see of ours.
class actor_host {
public:
  explicit actor_host(caf::actor_system& system) : system_{system} {}

  caf::actor_system& system() const { return system_; }
  node make_node(node_options options) const { return {std::move(options), this}; }

  static const std::shared_ptr<running_pipeline>& inside(const pipeline& x) { return x.running_; }
  static const std::shared_ptr<running_pipeline>& inside(const pool& x) {
    return x.pipeline_.running_;
  }

private:
  caf::actor_system& system_;
};

/// What a node is made of. The engine is declared first: it is destroyed last.
struct node::inside {
  inside(node_options with, node& owner, const actor_host* host);

  node_options options;
  outlets out;
  time_point started = std::chrono::steady_clock::now();
  engine runtime;
  fault_plan faults;
  std::optional<error> faults_error; ///< reported by the first start

  mutable std::mutex mutex;
  std::vector<std::shared_ptr<running_pipeline>> pipelines;
  bool has_left_behind = false; ///< an ended pipeline that was forgotten had abandoned children
  bool stopping = false;        ///< nothing is started any more
  std::optional<stop_report> stopped;

  std::unique_ptr<configured_pipelines> configured;

  std::shared_ptr<node_network> network; ///< shared with links that were abandoned

  node_routes routes;                            ///< what the doors answer
  std::vector<std::unique_ptr<http_door>> doors; ///< closed first: their threads read the rest

  void open_doors();
  std::vector<std::string> addresses() const;
  health_snapshot health(const health_page& page) const;
  std::vector<std::shared_ptr<running_pipeline>> all() const;

  /// Every supervisor answers within that time.
  bool ping(std::chrono::milliseconds within) const;

  void forget_ended(std::string_view name);

  /// The same from outside: lets go of an ended pipeline, and of what it holds.
  void forget(std::string_view name);

  /// For a pipeline of which one run gives the numbers.
  emitter_place place_of(const std::string& pipeline, std::string run) const {
    return {options.name, pipeline, out.log, std::move(run), network};
  }

  /// Starts it, unless the node stops or its name is in use.
  result<std::shared_ptr<running_pipeline>> start(pipeline_spec spec);
};

} // namespace actors
