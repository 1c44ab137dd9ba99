#pragma once

#include "actors/core/debounce_window.hpp"
#include "actors/node/pipeline_options.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/sink.hpp"
#include "actors/protocol/source.hpp"
#include "actors/protocol/stage.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace actors {

class node;
class running_pipeline;
struct pipeline_spec;

/// A pipeline that runs. A handle: copies mean the same pipeline, and letting go of it stops
/// nothing. Thread-safe.
class pipeline {
public:
  const std::string& name() const;

  /// Every child is ready or degraded.
  bool is_ready() const;

  /// It has ended: stopped, or failed for good. `why` says which, in words.
  bool is_done() const;
  bool has_failed() const; ///< a child crashed more often than its rules allow
  std::string why() const;

  /// Begins the orderly stop and returns: sources first, then what they had accepted is worked off.
  /// Asking again changes nothing.
  void request_stop();

  /// Calls once when it has ended: from another thread, or at once when it has ended already. The
  /// call must not block.
  void on_done(std::function<void()> call);

private:
  friend class node;
  friend class pipeline_builder;
  explicit pipeline(std::shared_ptr<running_pipeline> running) : running_{std::move(running)} {}

  std::shared_ptr<running_pipeline> running_; ///< shared with the node, its threads and actors
};

/// Describes a pipeline, source to sink, and starts it. Mistakes are collected: `start` reports all
/// of them at once.
class pipeline_builder {
public:
  pipeline_builder(pipeline_builder&&) noexcept;
  ~pipeline_builder();

  /// Watches the directory `path` (made absolute, links kept). Several may be watched; each is a
  /// child of its own, "watcher", "watcher-2", ...
  pipeline_builder& watch(std::string path, watch_settings settings = {});

  /// Folds changes into their net effect until all is quiet. With `quiet` 0 it does nothing.
  pipeline_builder& debounce(debounce_limits limits = {});

  /// Delivers to a function, on a thread of its own; throwing is a crash, supervised: the same
  /// batch is delivered again by the next incarnation.
  pipeline_builder& emit(std::string child, std::function<void(const event_batch&)> deliver);

  /// Parts of your own. A factory is called for every incarnation, on the thread it will live on;
  /// what must outlive a crash is captured by it.
  pipeline_builder& source(
    std::string child, std::function<std::unique_ptr<actors::source>()> make);
  pipeline_builder& stage(std::string child, std::function<std::unique_ptr<actors::stage>()> make);
  pipeline_builder& sink(std::string child, std::function<std::unique_ptr<actors::sink>()> make);

  /// The bounds of every mailbox of this pipeline.
  pipeline_builder& mailboxes(mailbox_limits limits);

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
  pipeline_spec spec() const;

  std::unique_ptr<plan> plan_;
};

} // namespace actors
