#pragma once

#include "actors/config/config_difference.hpp"
#include "actors/node/node.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace actors {

/// The pipelines that a node has from its configuration, as they are and as they shall be.
/// Thread-safe: one change at a time.
class configured_pipelines {
public:
  explicit configured_pipelines(node& owner) : owner_{owner} {}

  /// Goes from what is to what is `wanted`: stops, then adjusts and starts in the order of the
  /// configuration. What cannot be started as wanted is started as it was.
  reload_report become(const node_config& wanted);

  /// The same with one root more, or less, of one pipeline; the others are left alone.
  reload_report change(const root_change& what);

  /// What that pipeline would be then.
  result<pipeline_config> changed_by(const root_change& what);

private:
  struct member {
    pipeline_config config; ///< as it runs
    pipeline running;
  };

  void look_at_what_is();
  std::vector<pipeline_change> changes_to(const node_config& wanted) const;
  void carry_out(
    const node_config& wanted, const std::vector<pipeline_change>& changes, reload_report& report);
  result<pipeline_config> with_change(const root_change& what) const;
  void stop(const std::vector<pipeline_change>& changes, reload_report& report);
  static bool ends_within(const pipeline& which, std::chrono::milliseconds deadline);
  emitter_place place_of(const member& which) const;
  void adjust(member& which, const pipeline_config& wanted, const pipeline_change& change,
    reload_report& report);
  void start(const pipeline_config& wanted, const pipeline_change& change, reload_report& report);
  void collect(reload_report& report);
  member* find(const std::string& name);
  const member* find(const std::string& name) const;

  node& owner_;
  std::mutex mutex_;
  node_config now_; ///< its pipelines are those of `members_`
  bool has_begun_ = false;
  std::vector<member> members_;
  std::optional<pipeline> collector_;    ///< as `now_.collect` has it
  std::vector<pipeline_config> stopped_; ///< during a change: as they were
};

} // namespace actors
