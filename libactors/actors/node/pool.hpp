#pragma once

#include "actors/node/pipeline.hpp"
#include "actors/protocol/worker.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace actors {

/// Builds a worker's stage from its id and arguments, once for each incarnation. It keeps no
/// values.
using worker_maker =
  std::function<std::unique_ptr<stage>(const std::string& id, const std::string& args)>;

/// Any number of supervised workers made by one template: they come and go while the pool runs, and
/// crash, back off and hang each by itself. A handle, like `pipeline`. Thread-safe.
class pool {
public:
  /// As it was given to `node::pool`.
  const std::string& name() const { return pipeline_.name(); }

  /// Adds workers and starts them; returns when they are told to start. Errors: invalid_argument
  /// (an id that is none, or is taken), full (`children_max`), unavailable (the pool does not run),
  /// closed, timed_out. Those before the first that cannot be added are added.
  result<void> add(
    std::vector<worker> workers, std::chrono::milliseconds within = default_patience);

  /// Stops a worker and forgets it; what waits in its mailbox is lost, and counted. Errors:
  /// not_found, closed, timed_out.
  result<void> remove(
    const std::string& worker, std::chrono::milliseconds within = default_patience);

  /// As `pipeline::push`.
  result<void> push(const std::string& worker, const event_batch& what,
    std::chrono::milliseconds within = default_patience);
  /// As `pipeline::ask`.
  result<event_batch> ask(const std::string& worker, const event_batch& question,
    std::chrono::milliseconds within = default_patience);
  /// As `pipeline::reset`.
  result<void> reset(
    const std::string& worker, std::chrono::milliseconds within = default_patience);

  /// As those of `pipeline`.
  bool is_done() const { return pipeline_.is_done(); }
  /// As `pipeline::request_stop`.
  void request_stop() { pipeline_.request_stop(); }
  /// As `pipeline::on_done`.
  void on_done(std::function<void()> call) { pipeline_.on_done(std::move(call)); }

private:
  friend class actor_host; ///< `actors/caf.hpp`
  friend class node;
  explicit pool(pipeline running) : pipeline_{std::move(running)} {}

  pipeline pipeline_; ///< with nothing in it but the pool
};

} // namespace actors
