#pragma once

#include "actors/core/health_snapshot.hpp"
#include "actors/core/supervision_tree.hpp"
#include "actors/runtime/ask.hpp"
#include "actors/runtime/slot.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace actors {

/// How a pipeline ended.
struct pipeline_end {
  bool failed = false;                ///< a child failed for good
  std::vector<std::string> abandoned; ///< children with an instance that still runs
  std::size_t undelivered = 0;        ///< batches accepted and not handed on
  std::string text;                   ///< for people; never empty
};

/// A started pipeline: its slots, and the board on which its supervisor writes what it knows.
///
/// Shared by the node, the supervisor, the cells and the running threads; the last one to let go
/// destroys it. Thread-safe, but for what is the supervisor's.
class running_pipeline {
public:
  static std::shared_ptr<running_pipeline> make(pipeline_spec spec, outlets out);
  running_pipeline(const running_pipeline&) = delete;
  running_pipeline& operator=(const running_pipeline&) = delete;

  const std::string& name() const { return spec_.name; }

  // -- for whoever has it

  /// Begins the orderly stop.
  void request_stop() { reports_.request_stop(report_box::urgency::orderly); }

  /// Abandons whoever is still there.
  void abandon() { reports_.request_stop(report_box::urgency::at_once); }

  /// Asks the supervisor for something. The errors of the answer: not_found (no such child),
  /// invalid_argument, full, unavailable, closed, and timed_out when it does not come until `due`.
  result<void> order(command what, time_point due);

  /// The child of that full id, declared or in a pool; nullptr when there is none.
  std::shared_ptr<slot> find(std::string_view id) const;

  /// Sends to a child, waiting for room until `due`. Errors: those of
  /// `bounded_mailbox::push_until`, not_found, and not_supported for children that take nothing.
  result<void> push(std::string_view id, const event_batch& what, time_point due) const;

  /// Asks a stage, and waits for the answer until `due`. Errors besides: timed_out, crashed.
  result<event_batch> ask(std::string_view id, const event_batch& question, time_point due) const;

  /// False when the deadline passed first.
  bool wait_until_done(time_point deadline) const;
  bool is_done() const;

  /// Valid when done.
  pipeline_end end() const;

  /// Each is called once: when done, on the supervisor's thread; at once, here, when it is done
  /// already.
  void on_done(std::function<void()> call);

  bool is_ready(time_point now) const;

  /// The supervisor was told something, and has come to it or not been late: `late_after` is the
  /// patience.
  bool is_live(time_point now) const;

  void add_totals(health_totals& sum) const;

  /// Appends rows: those after `after` (empty: from the first), at most until `rows` has
  /// `rows_max`. True when there are more. Reads the board and the counters; asks nobody.
  bool append_health(std::vector<child_health>& rows, time_point now, std::string_view after = {},
    std::size_t rows_max = SIZE_MAX) const;

  // -- for the supervisor and the engine

  const pipeline_spec& spec() const { return spec_; }
  const outlets& out() const { return out_; }
  report_box& reports() { return reports_; }
  const std::vector<std::shared_ptr<slot>>& declared() const { return declared_; }

  /// By place; nullptr when it is gone.
  slot* at(std::size_t place) const;
  slot& add_worker(std::size_t place, const slot& pool, const worker& who);
  void forget(std::size_t place);
  void for_each_slot(const std::function<void(slot&)>& call) const;

  /// Copies the supervisor's knowledge to the board.
  void post(supervision_tree& rules, time_point now);

  void finish(const supervision_tree& rules, std::size_t undelivered);

private:
  struct by_id {
    using is_transparent = void;
    static std::string_view id(const std::shared_ptr<slot>& x) { return x->id; }
    static std::string_view id(std::string_view x) { return x; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return id(a) < id(b);
    }
  };

  running_pipeline(pipeline_spec spec, outlets out);
  child_health row_of(const slot& where, time_point now) const;
  result<std::shared_ptr<slot>> receiver(std::string_view id) const;

  const pipeline_spec spec_;
  const outlets out_;
  report_box reports_;
  std::vector<std::shared_ptr<slot>> declared_;

  mutable std::mutex mutex_;
  mutable std::condition_variable done_changed_;
  std::set<std::shared_ptr<slot>, by_id> workers_;
  std::unordered_map<std::size_t, slot*> worker_places_; ///< the supervisor's
  health_totals totals_;
  bool has_been_ready_ = false;
  std::optional<time_point> unready_since_; ///< none: it is ready
  bool done_ = false;
  pipeline_end end_;
  std::vector<std::function<void()>> on_done_;
};

} // namespace actors
