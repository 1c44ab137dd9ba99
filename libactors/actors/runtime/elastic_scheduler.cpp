#include "actors/runtime/elastic_scheduler.hpp"

#include <caf/ref_counted.hpp>
#include <caf/resumable.hpp>

namespace actors {

namespace {

/// Ends the worker that runs it.
class last_job final : public caf::resumable, public caf::ref_counted {
public:
  resume_result resume(caf::execution_unit*, std::size_t) override {
    return resumable::shutdown_execution_unit;
  }
  void intrusive_ptr_add_ref_impl() override { intrusive_ptr_add_ref(this); }
  void intrusive_ptr_release_impl() override { intrusive_ptr_release(this); }
};

} // namespace

void elastic_scheduler::lose_worker() {
  const auto held = std::scoped_lock{mutex_};
  if (++lost_ <= spare_.size() || spare_.size() == spare_max)
    return; // an earlier spare is free again, or there are enough
  auto start = worker_type::policy_data{this};
  const auto number = num_workers() + spare_.size();
  spare_.push_back(std::make_unique<worker_type>(number, this, start, max_throughput()));
  spare_.back()->start();
}

void elastic_scheduler::regain_worker() {
  const auto held = std::scoped_lock{mutex_};
  --lost_;
}

/// CAF ends its own workers, however many others take from the same queue; then the spare ones are
/// ended. One that took CAF's last job instead leaves one of ours in the queue.
void elastic_scheduler::stop() {
  coordinator::stop();
  const auto held = std::scoped_lock{mutex_};
  auto last = last_job{}; // CAF releases none that ends a worker
  for (std::size_t i = 0; i < spare_.size(); ++i)
    enqueue(&last);
  for (auto& x : spare_)
    x->get_thread().join();
  const auto guard = std::scoped_lock{data().lock};
  data().queue.clear(); // what is left of ours
}

} // namespace actors
