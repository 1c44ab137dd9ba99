#pragma once

#include "actors/runtime/child_spec.hpp"
#include "actors/runtime/outlets.hpp"
#include "actors/runtime/running_pipeline.hpp"

#include <memory>

namespace caf {
class actor_system;
}

namespace actors {

class host_maker;

/// Where pipelines run: the actor system, and the only way to start something in it. No CAF type
/// passes through here, so this header is the seam at which CAF could be exchanged.
class engine {
public:
  /// How supervisors are run.
  enum class supervisors : std::uint8_t {
    own_thread, ///< never waits for a worker that user code keeps busy
    scheduled,  ///< for tests in virtual time
  };

  /// With an actor system of its own: the `sharing` scheduler, which sleeps while there is nothing
  /// to do (`stealing` polls and burns 0.9 % of an idle core), on two workers.
  engine();

  /// Inside an actor system of the host, which must outlive the engine and all it started.
  engine(caf::actor_system& host, supervisors how);

  /// Every pipeline must be done. If children were abandoned, the own actor system is left behind
  /// with them: destroying it would wait for them for ever.
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  std::shared_ptr<running_pipeline> start(pipeline_spec spec, outlets out);

  /// A child runs on, somewhere, that nobody waits for.
  void leave_behind() { left_behind_ = true; }

private:
  struct system;
  std::unique_ptr<system> own_;
  caf::actor_system* system_;
  std::shared_ptr<host_maker> hosts_; ///< shared with the supervisors
  supervisors supervisors_;
  bool left_behind_ = false;
};

} // namespace actors
