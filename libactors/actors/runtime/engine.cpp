#include "actors/runtime/engine.hpp"

#include "actors/runtime/cell.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/runtime/thread_host.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <utility>

namespace actors {

namespace {

struct configuration : caf::actor_system_config {
  configuration() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2}); // one may be kept busy by user code
    set("scheduler.max-throughput", std::size_t{100});
  }
};

std::unique_ptr<host> host_for(
  slot& where, const std::shared_ptr<running_pipeline>& pipeline, caf::actor_system& system) {
  if (std::holds_alternative<source_factory>(where.spec.make))
    return std::make_unique<source_host>(where, pipeline);
  if (std::holds_alternative<sink_factory>(where.spec.make))
    return std::make_unique<sink_host>(where, pipeline);
  return std::make_unique<cell_host>(where, pipeline, system);
}

} // namespace

struct engine::system {
  configuration config;
  caf::actor_system actors{config};
};

engine::engine()
  : own_{std::make_unique<system>()}, system_{&own_->actors}, supervisors_{
                                                                supervisors::own_thread} {}

engine::engine(caf::actor_system& host, supervisors how) : system_{&host}, supervisors_{how} {}

engine::~engine() {
  if (left_behind_)
    static_cast<void>(own_.release());
}

std::shared_ptr<running_pipeline> engine::start(const pipeline_spec& spec, log_function log) {
  auto pipeline = std::make_shared<running_pipeline>(spec, std::move(log));
  for (auto& where : pipeline->slots())
    where->hosted_by = host_for(*where, pipeline, *system_);
  auto actor = caf::actor{};
  if (supervisors_ == supervisors::own_thread)
    actor = system_->spawn<supervisor, caf::detached>(pipeline, spec.supervision);
  else
    actor = system_->spawn<supervisor>(pipeline, spec.supervision);
  pipeline->reports().set_reader(
    [actor] { caf::anon_send<caf::message_priority::high>(actor, control_waits{}); });
  return pipeline;
}

} // namespace actors
