#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace actors {

/// What a child tells its supervisor.
struct report {
  enum class kind : std::uint8_t { ready, crashed, ended, degraded, recovered, drained, stopped };

  kind what{};
  std::size_t child = 0;
  std::uint64_t incarnation = 0;
  std::string text; ///< crashed: the error. degraded: the reason. ended: why.
};

/// The supervisor's control lane: reports from any thread, never lost and yet bounded, because a
/// later report of the same kind from the same child takes the place of the earlier one. Data never
/// comes this way, so control never waits behind it.
class report_box {
public:
  /// Who is to be woken; called on the reporter's thread, once until `take`. Must only leave a
  /// note.
  void set_reader(std::function<void()> call) {
    auto lock = std::scoped_lock{mutex_};
    wake_ = std::move(call);
    wake_pending_ = false;
    if (!reports_.empty() || stop_ != urgency::none)
      wake(); // what came before the reader
  }

  /// Nobody reads any more: an abandoned child may report for ever.
  void close() { set_reader(nullptr); }

  void put(report what) {
    auto lock = std::scoped_lock{mutex_};
    std::erase_if(
      reports_, [&](const report& x) { return x.what == what.what && x.child == what.child; });
    reports_.push_back(std::move(what));
    wake();
  }

  enum class urgency : std::uint8_t {
    none,
    orderly,
    at_once, ///< who is still there is abandoned
  };

  /// Asks for the stop. Asked again, only greater urgency counts.
  void request_stop(urgency how) {
    auto lock = std::scoped_lock{mutex_};
    stop_ = std::max(stop_, how);
    wake();
  }

  struct content {
    std::vector<report> reports;
    urgency stop = urgency::none; ///< asked for since the last time
  };
  content take() {
    auto lock = std::scoped_lock{mutex_};
    wake_pending_ = false;
    return {std::exchange(reports_, {}), std::exchange(stop_, urgency::none)};
  }

private:
  void wake() {
    if (wake_ && !std::exchange(wake_pending_, true))
      wake_();
  }

  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<report> reports_; ///< at most one of a kind for each child
  urgency stop_ = urgency::none;
  bool wake_pending_ = false;
};

} // namespace actors
