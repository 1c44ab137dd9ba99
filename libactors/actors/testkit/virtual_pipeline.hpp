#pragma once

#include "actors/core/health_snapshot.hpp"
#include "actors/core/transition.hpp"
#include "actors/node/pipeline_options.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/factory.hpp"
#include "actors/protocol/log_line.hpp"
#include "actors/protocol/stage.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace actors::testkit {

/// A pipeline of stages in virtual time: real cells, mailboxes and supervision, on the test's own
/// thread, with a clock that stands still until the test moves it. The test is the source; a probe
/// at the end keeps what comes out. So an hour of backoff is played in a millisecond, and the same
/// way each time.
///
/// Sources and sinks have threads of their own and are not for here: run them with a fake context.
class virtual_pipeline {
public:
  virtual_pipeline();
  ~virtual_pipeline(); ///< stops it; who would need time for that is let go
  virtual_pipeline(const virtual_pipeline&) = delete;
  virtual_pipeline& operator=(const virtual_pipeline&) = delete;

  // -- before the start

  /// The next stage of the flow.
  virtual_pipeline& stage(std::string child, factory<actors::stage> make);
  /// The bounds of one stage's mailbox.
  virtual_pipeline& mailbox(const std::string& child, mailbox_limits limits);
  /// Restarts, backoff, deadlines.
  virtual_pipeline& supervise(supervise_options options);

  /// Faults to inject into the stages, as in docs/faults.md: "debouncer:throw@2". (No stalls: they
  /// would stall the test.)
  virtual_pipeline& faults(const std::string& text);

  /// So many batches and no more fit into the probe's mailbox while it holds the output.
  virtual_pipeline& output_room(std::size_t batches);

  /// Starts it; its stages are ready afterwards, if they can be. Throws std::invalid_argument when
  /// a child is named that is not there, or a fault is not understood.
  void start();

  // -- what the test plays

  /// Sends to the first stage. `full` and `rejected` mean what they
  /// mean to a source.
  emit_result push(event_batch what);
  /// The same, to the stage of that name.
  emit_result push(const std::string& child, event_batch what);

  /// Asks a stage; answered in virtual time, which passes if the stage backs off, up to `within`.
  result<event_batch> ask(const std::string& child, const event_batch& question,
    std::chrono::milliseconds within = std::chrono::seconds{5});

  /// Lets time pass; whatever is due on the way happens when it is due.
  void pass(std::chrono::nanoseconds span);

  /// The reader is slow: what comes out stays in the probe's mailbox until `release_output`.
  void hold_output();
  /// The reader takes all that waits, and goes on.
  void release_output();

  /// As an operator does.
  result<void> reset(const std::string& child);

  /// The orderly stop, as much of it as happens without time passing.
  void stop();

  // -- what the test sees

  const std::vector<event_batch>& out() const; ///< what came out, in order
  std::vector<std::string> out_lines() const; ///< "create /a", a text for each record that came out
  /// Its row; a default one when there is none of that name.
  child_health health(const std::string& child) const;
  const std::vector<log_line>& log_lines() const; ///< of all children and the supervisor
  std::vector<transition> events() const;         ///< what the supervisor told, in order
  /// How often that was told, as in `events`: "child_crashed".
  std::size_t count(std::string_view event) const;

  time_point now() const;                        ///< virtual
  std::chrono::milliseconds since_start() const; ///< virtual
  bool is_ready() const;                         ///< as `pipeline::is_ready`
  bool is_done() const;                          ///< as `pipeline::is_done`
  bool has_failed() const;                       ///< as `pipeline::has_failed`
  std::string why() const;                       ///< how it ended, in words

private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

} // namespace actors::testkit
