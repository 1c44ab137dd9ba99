#include "actors/runtime/engine.hpp"

#include "actors/runtime/elastic_scheduler.hpp"
#include "actors/runtime/host_maker.hpp"
#include "actors/runtime/supervisor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <utility>

namespace actors {

namespace {

struct configuration : caf::actor_system_config {
  configuration() {
    module_factories.push_back(
      [](caf::actor_system& x) -> caf::actor_system::module* { return new elastic_scheduler{x}; });
    set("scheduler.max-threads", std::size_t{2}); // one may be kept busy by user code
    set("scheduler.max-throughput", std::size_t{100});
  }
};

} // namespace

struct engine::system {
  configuration config;
  caf::actor_system actors{config};
};

engine::engine()
  : own_{std::make_unique<system>()}, system_{&own_->actors}, hosts_{std::make_shared<host_maker>(
                                                                *system_,
                                                                dynamic_cast<elastic_scheduler*>(
                                                                  &system_->scheduler()))},
    supervisors_{supervisors::own_thread} {}

engine::engine(caf::actor_system& host, supervisors how)
  : system_{&host}, hosts_{std::make_shared<host_maker>(*system_, nullptr)}, supervisors_{how} {}

engine::~engine() {
  if (left_behind_)
    static_cast<void>(own_.release());
}

std::shared_ptr<running_pipeline> engine::start(pipeline_spec spec, outlets out) {
  auto pipeline = running_pipeline::make(std::move(spec), std::move(out));
  auto actor = caf::actor{};
  if (supervisors_ == supervisors::own_thread)
    actor = system_->spawn<supervisor, caf::detached>(pipeline, hosts_);
  else
    actor = system_->spawn<supervisor>(pipeline, hosts_);
  pipeline->reports().set_reader(
    [actor] { caf::anon_send<caf::message_priority::high>(actor, control_waits{}); });
  return pipeline;
}

} // namespace actors
