#pragma once

#include <mutex>

namespace actors {

/// What waits on a thread of its own and may be made to work by others meanwhile.
class idle_worker {
public:
  virtual ~idle_worker() = default;

  /// Does what has come, as far as that takes no waiting. False: something is left to do.
  virtual bool serve() = 0;
};

/// Where a sink that waits for work leaves the key to its workshop: whoever brings a little work
/// does it himself, and no thread is woken. (A wake-up takes some 50 us until the other thread
/// runs; a line to a pipe takes five.) One at a time; its own thread, once awake, waits its turn.
class lending_desk {
public:
  /// The worker may be borrowed while this lives.
  class loan {
  public:
    loan(lending_desk& desk, idle_worker& worker) : desk_{desk} {
      const auto held = std::scoped_lock{desk_.mutex_};
      desk_.worker_ = &worker;
    }
    ~loan() {
      const auto held = std::scoped_lock{desk_.mutex_};
      desk_.worker_ = nullptr;
    }
    loan(const loan&) = delete;
    loan& operator=(const loan&) = delete;

  private:
    lending_desk& desk_;
  };

  /// With the worker, unless it is not there or is at work: does `bring`, then has it serve, and
  /// does `wake` if it left something. False when none of that was done.
  template <class Bring, class Wake>
  bool borrow(Bring bring, Wake wake) {
    const auto held = std::unique_lock{mutex_, std::try_to_lock};
    if (!held || worker_ == nullptr)
      return false;
    bring();
    if (!worker_->serve())
      wake();
    return true;
  }

private:
  std::mutex mutex_;
  idle_worker* worker_ = nullptr; ///< set while its thread waits
};

} // namespace actors
