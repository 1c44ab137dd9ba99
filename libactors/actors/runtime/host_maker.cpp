#include "actors/runtime/host_maker.hpp"

#include "actors/runtime/cell.hpp"
#include "actors/runtime/elastic_scheduler.hpp"
#include "actors/runtime/thread_host.hpp"

namespace actors {

namespace {

bool has_own_thread(const slot& where) {
  return where.is_source() || std::holds_alternative<sink_factory>(where.spec.make);
}

} // namespace

std::unique_ptr<host> host_maker::make(slot& where) const {
  if (has_own_thread(where))
    return std::make_unique<thread_host>(where);
  return std::make_unique<cell_host>(where, system_);
}

void host_maker::note_hung(const slot& where) const {
  if (workers_ != nullptr && !has_own_thread(where))
    workers_->lose_worker();
}

void host_maker::note_returned(const slot& where) const {
  if (workers_ != nullptr && !has_own_thread(where))
    workers_->regain_worker();
}

} // namespace actors
