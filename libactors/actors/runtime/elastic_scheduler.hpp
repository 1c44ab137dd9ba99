#pragma once

#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace actors {

/// CAF's `sharing` scheduler, which sleeps while there is nothing to do, with as many spare workers
/// as there are workers that hang: CAF 0.17 makes its workers at the start, and one that is kept by
/// a handler that never returns is missing for ever.
class elastic_scheduler final : public caf::scheduler::coordinator<caf::policy::work_sharing> {
public:
  using coordinator::coordinator;

  /// Spare workers are threads. With so many cells hanging, more would not help.
  static constexpr std::size_t spare_max = 64;

  /// A worker is kept by a handler that hangs: another takes its place, unless there are
  /// `spare_max` already. Thread-safe.
  void lose_worker();

  /// That handler has returned after all: the next loss costs no thread.
  void regain_worker();

protected:
  void stop() override;

private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<worker_type>> spare_; ///< at most as many as hung at one time
  std::size_t lost_ = 0;
};

} // namespace actors
