#pragma once

#include "actors/core/dead_letter.hpp"
#include "actors/core/health_snapshot.hpp"
#include "actors/core/journal.hpp"
#include "actors/core/node_config.hpp"
#include "actors/core/root_change.hpp"
#include "actors/core/transition.hpp"
#include "actors/node/pipeline.hpp"
#include "actors/node/pool.hpp"
#include "actors/node/reload_report.hpp"
#include "actors/node/tap.hpp"
#include "actors/protocol/log_line.hpp"

#include <chrono>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace actors {

/// The version of the library, as in "0.1.0".
std::string_view version() noexcept;

/// How a node is set up. All have working defaults.
struct node_options {
  /// Its name in health answers, and to other nodes.
  std::string name = "actors";

  /// Where log lines go; called from any thread. Empty: standard error, as logfmt, warnings and
  /// worse.
  log_function log;

  /// A path for the admin socket, on which `actors status` can ask; empty: no socket.
  std::string admin;

  /// A port for the same questions, and a page for browsers; empty `listen`: none.
  http_door_options http;

  /// Reads the configuration again and `reload`s; what `POST /reload` calls, on a thread of the
  /// door. The value says what was done, the error what is wrong. Empty: there is no configuration.
  std::function<result<std::string>()> on_reload;

  /// What `POST /stop` calls: it must only begin the orderly stop, and return. Empty: the node is
  /// stopped by whoever started it.
  std::function<void()> on_stop;

  /// What `POST /pipelines/NAME/watch` and `.../unwatch` call in place of `node::change_root`: for
  /// a program that follows what its pipelines do. Empty: the node does it alone.
  std::function<reload_report(const root_change&)> on_root_change;

  /// Tests only: faults to inject (docs/faults.md).
  std::string faults;
};

class actor_host;

/// How a node stopped.
struct stop_report {
  bool clean = true;                  ///< all children ended within their deadlines
  std::vector<std::string> abandoned; ///< those that did not; their threads may still run
  std::size_t undelivered = 0;        ///< batches accepted and never delivered
  std::string text;                   ///< the same for people
};

/// A running instance of the framework: an actor system, its pipelines, their supervisors, and a
/// door for questions. A program needs one.
///
/// Thread-safe, but for construction and destruction.
class node {
public:
  /// Never fails for want of the admin socket: that is logged. Throws std::system_error when this
  /// machine has no descriptor or thread left.
  explicit node(node_options options = {});

  /// Stops with the default deadline. Returns even if a child hangs: the child is left behind.
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Begins the description of a pipeline. `name` must not be that of one that runs.
  pipeline_builder pipeline(std::string name);

  /// Starts one as a configuration describes it. Errors: those of `pipeline_builder::start`.
  result<actors::pipeline> start(const pipeline_config& what);

  /// Starts a pipeline of one link: what is pushed to its child "feed" goes to the collector, in
  /// order, each record once. Errors: those of `pipeline_builder::start`.
  result<actors::pipeline> link(const std::string& name, const link_options& to);

  /// Starts a pipeline that collects what links of other nodes send, and hands it on to `emit`.
  /// Errors: those of `pipeline_builder::collect`.
  result<actors::pipeline> collect(const collect_options& options,
    std::vector<emitter_options> emit = {}, const std::string& name = "collector");

  /// Makes the pipelines that come of a configuration what `wanted` has: those that are gone are
  /// stopped, new ones started; changed ones are adjusted in place (only options of sinks, limits
  /// of the debouncer or kinds of changes differ), or stopped and started anew. The others run on.
  /// What has failed or ended starts anew. The first call starts all. Pipelines with another origin
  /// are left alone. A collector is started by the first call, under the name "collector"; what
  /// changes of it later counts from the next start of the program, but for what its certificates
  /// hold.
  ///
  /// Returns when all of it is done: what stops may take as long as its `total_deadline`.
  reload_report reload(const node_config& wanted);

  /// Reads the certificates of collectors again: who links from now on is shown those. (Links read
  /// theirs at every dial.) `reload` does it too. An error says what is wrong with them, and the
  /// old ones stay.
  result<void> reload_certificates();

  /// Has a pipeline that comes of a configuration watch one path more, or one less, as a `reload`
  /// would (it starts anew; what changes meanwhile is not told), and until the next one. `failed`
  /// in the report, and nothing changed: not_found (no such pipeline), invalid_argument (it comes
  /// of no configuration, or has a state file, which is of one root; the path cannot be watched, is
  /// watched already, is not watched, is the last one).
  reload_report change_root(const root_change& what);

  /// What that pipeline would be then; nothing is changed. Errors: those named above.
  result<pipeline_config> with_root_changed(const root_change& what) const;

  /// Starts a pool of workers that `make` builds, with none in it. `name` must not be that of one
  /// that runs. Errors: invalid_argument, with a line for each mistake; closed.
  result<actors::pool> pool(std::string name, worker_maker make, pool_options options = {});

  /// What the node knows of itself now. Reads what is written down; asks and waits for nobody. The
  /// numbers cost the same whatever the number of children; rows come in pages, in an order that
  /// stays: `{.after = rows.back().id}` is the next page.
  health_snapshot health(const health_page& page = {}) const;

  /// Liveness: every supervisor answers within that time. A failed child is no reason for one not
  /// to.
  bool ping(std::chrono::milliseconds within = std::chrono::seconds{1}) const;

  /// What supervisors and children told after the event numbered `after` (0: from the first that is
  /// kept), at most `max`; waits for `within` for something to be told. The last thousand or so are
  /// kept: a reader that is slower learns how many it missed, and holds nobody up.
  journal<transition>::page events(std::uint64_t after, std::size_t max,
    std::chrono::milliseconds within = std::chrono::milliseconds{0}) const;

  /// What was sent to children and not handled, with the reason; the same way. All of it is counted
  /// in `health().totals.losses`.
  journal<dead_letter>::page dead_letters(std::uint64_t after, std::size_t max) const;

  /// Looks at what flows into the mailboxes whose full ids ("pipeline/child") match `edges`, a
  /// pattern as in .gitignore. Errors: invalid_argument (the pattern matches nothing, ever), full
  /// (sixteen look already).
  result<actors::tap> tap(const std::string& edges) const;

  /// Stops everything: sources first, then what was accepted is worked off, then the rest. At the
  /// deadline those still there are abandoned. Later calls return the same report.
  stop_report stop(std::chrono::milliseconds deadline = std::chrono::seconds{20});

  /// Starts a failed or stopped child again ("pipeline/child"), its attempts forgotten; one that
  /// backs off starts at once. Errors: not_found, invalid_argument (it runs), closed, timed_out.
  result<void> reset(
    const std::string& child, std::chrono::milliseconds within = std::chrono::seconds{1});

  /// How often each watched root had to be read again, because the kernel dropped changes of it.
  std::map<std::string, std::uint64_t, std::less<>> overflows() const;

  /// Where it can be asked: "unix:/run/actors/1.sock", "http://127.0.0.1:9470". Doors that could
  /// not be opened are missing here, and in the log (admin_door_closed, http_door_closed).
  std::vector<std::string> doors() const;

  /// The admin socket; empty when there is none.
  std::string admin_path() const;

private:
  friend class actor_host; ///< `actors/caf.hpp`
  friend class pipeline_builder;
  friend class configured_pipelines;
  struct inside;
  node(node_options options, const actor_host* host);

  std::unique_ptr<inside> inside_;
};

/// As a tree, for people.
std::ostream& operator<<(std::ostream& out, const health_snapshot& health);

} // namespace actors
