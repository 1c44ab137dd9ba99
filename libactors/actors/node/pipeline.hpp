#pragma once

#include "actors/core/change_kinds.hpp"
#include "actors/core/collect_options.hpp"
#include "actors/core/debounce_limits.hpp"
#include "actors/core/emitter_options.hpp"
#include "actors/core/watch_options.hpp"
#include "actors/node/pipeline_options.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/factory.hpp"
#include "actors/protocol/sink.hpp"
#include "actors/protocol/source.hpp"
#include "actors/protocol/stage.hpp"
#include "actors/protocol/worker.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace actors {

class actor_host;
class batch_inbox;
class node;
class running_pipeline;
struct emitter_place;
class state_file;
enum class command_verb : std::uint8_t;

/// A pipeline that runs. A handle: copies mean the same pipeline, and letting go of it stops
/// nothing. Thread-safe.
class pipeline {
public:
  /// As it was given to `node::pipeline`.
  const std::string& name() const;

  /// Every required child is ready or degraded.
  bool is_ready() const;

  /// It has ended: stopped, or failed for good. `why` says which, in words.
  bool is_done() const;
  bool has_failed() const; ///< a child crashed more often than its rules allow
  std::string why() const; ///< empty while it runs

  // A child of a group is named "group/child" here.

  /// Sends a batch to a child (a stage or the sink), from a thread of the host; waits for room.
  /// Errors: full (no room within that time), unavailable (it is not up, and refuses meanwhile; see
  /// `retry_after`), closed, not_found, not_supported (a source). What a lossy policy loses counts
  /// as sent. Never call it from a handler.
  result<void> push(const std::string& child, const event_batch& what,
    std::chrono::milliseconds within = default_patience);

  /// Asks a stage (`stage::on_ask`) and waits for the answer. Errors besides: timed_out, crashed,
  /// and what the stage answers. Never call it from a handler.
  result<event_batch> ask(const std::string& child, const event_batch& question,
    std::chrono::milliseconds within = default_patience);

  /// Starts a failed or stopped child again, its attempts forgotten; one that backs off starts at
  /// once. Errors: not_found, invalid_argument (it runs), closed, timed_out.
  result<void> reset(const std::string& child, std::chrono::milliseconds within = default_patience);

  /// Has the next incarnations of a child made by another factory of its kind, and restarts it,
  /// with all that is in its mailbox. Charges it nothing. Errors: not_found, invalid_argument
  /// (another kind), closed, timed_out.
  result<void> replace(const std::string& child, factory<actors::stage> make,
    std::chrono::milliseconds within = default_patience);
  /// The same for a sink.
  result<void> replace(const std::string& child, factory<actors::sink> make,
    std::chrono::milliseconds within = default_patience);

  /// Begins the orderly stop and returns: sources first, then what they had accepted is worked off.
  /// Asking again changes nothing.
  void request_stop();

  /// Calls once when it has ended: from another thread, or at once when it has ended already. The
  /// call must not block.
  void on_done(std::function<void()> call);

private:
  friend class actor_host; ///< `actors/caf.hpp`
  friend class node;
  friend class configured_pipelines;
  friend class pipeline_builder;
  friend class pool;
  explicit pipeline(std::shared_ptr<running_pipeline> running) : running_{std::move(running)} {}
  std::string id_of(const std::string& child) const { return name() + "/" + child; }
  result<void> order(command_verb what, const std::string& child, std::vector<worker> workers,
    std::chrono::milliseconds within);

  std::shared_ptr<running_pipeline> running_; ///< shared with the node, its threads and actors
};

/// Describes a pipeline, source to sink, and starts it. Mistakes are collected: `start` reports all
/// of them at once.
class pipeline_builder {
public:
  /// Movable, so that a function can return one.
  pipeline_builder(pipeline_builder&&) noexcept;
  ~pipeline_builder();

  /// Watches the directory or file `path` (made absolute, links kept; `options.path` is not used).
  /// Several may be watched; each is a child of its own, "watcher", "watcher-2", ... One that
  /// another tells of already, being in its tree, is left out.
  pipeline_builder& watch(std::string path, watch_options options = {});

  /// Receives records from links of other nodes (docs/distribution.md): the children "acceptor" and
  /// "receiver". Everything is in the store, once, before it is acknowledged; each sink, if there
  /// is any, is fed from there by NAME-reader, and goes on where it was in the last run. Such a
  /// pipeline has no other sources, and no stages: records keep the numbers they have.
  pipeline_builder& collect(collect_options options);

  /// Folds changes into their net effect until all is quiet. With `quiet` 0 it does nothing.
  pipeline_builder& debounce(debounce_limits limits = {});

  /// Passes on only changes of these kinds, and all markers. Belongs behind the debouncer.
  pipeline_builder& only(change_kinds wanted);

  /// Delivers to a function, on a thread of its own; throwing is a crash, supervised: the same
  /// batch is delivered again by the next incarnation.
  pipeline_builder& emit(std::string child, std::function<void(const event_batch&)> deliver);

  /// Delivers into an inbox that a loop of the host polls. It is used until the pipeline ends or
  /// the inbox is destroyed, whichever comes first.
  pipeline_builder& emit(std::string child, batch_inbox& inbox);

  /// Delivers by one of the library's own sinks, as the child `what.name`. With a spool, the edge
  /// leads to the child NAME-spool, which writes what it is given to the file; NAME-reader feeds
  /// NAME from there.
  pipeline_builder& emit(emitter_options what);

  /// Parts of your own. A factory is called for every incarnation, on the thread it will live on;
  /// what must outlive a crash is captured by it. One that keeps values takes a `succession`, and
  /// makes new ones after a hang: the instance that hangs may come back to the old ones.
  pipeline_builder& source(std::string child, factory<actors::source> make);
  /// A step of the flow, behind those before it; see `source`.
  pipeline_builder& stage(std::string child, factory<actors::stage> make);
  /// An end of the flow; see `source`. All sinks get every batch.
  pipeline_builder& sink(std::string child, factory<actors::sink> make);

  /// Puts children under a supervisor of their own: `rules` say what happens when one of them
  /// crashes or fails. To the pipeline's supervisor the group is one child, which crashes when the
  /// group fails. The ids of its children become "pipeline/group/child".
  pipeline_builder& group(
    std::string name, std::vector<std::string> children, supervision_rules rules = {});

  /// The bounds of every mailbox of this pipeline.
  pipeline_builder& mailboxes(mailbox_limits limits);

  /// Those of one child's mailbox.
  pipeline_builder& mailbox(std::string child, mailbox_limits limits);

  /// Restarts, backoff, deadlines.
  pipeline_builder& supervise(supervise_options options);

  /// Starts it. invalid_argument, with a line for each mistake, when it does not make sense;
  /// otherwise the code of the first thing that is wrong with this machine (a path that is not
  /// there, ...).
  result<pipeline> start();

private:
  friend class node;
  struct plan;
  pipeline_builder(node& owner, std::string name);

  void complain(errc code, std::string text);
  emitter_place place() const;
  result<void> feed_from_archive();
  std::shared_ptr<state_file> remember(watch_options& options);
  void leave_out_covered_roots();
  void leave_out_spools();
  pipeline_builder& emit_over_spool(emitter_options what);

  std::unique_ptr<plan> plan_;
};

} // namespace actors
