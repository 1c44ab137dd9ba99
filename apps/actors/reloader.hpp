#pragma once

#include "actors/node/node.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/runtime/log.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace actors::program {

/// Makes a node what its configuration file says, again and again. Reloads run one at a time, on a
/// thread of their own: they wait for pipelines to drain. Thread-safe.
class reloader {
public:
  /// `changed` is raised when a pipeline has ended or a reload is over. All must outlive it, but
  /// the node may go once it is closed.
  reloader(node& host, std::string file, log_function log, wake_event& changed);
  ~reloader();
  reloader(const reloader&) = delete;
  reloader& operator=(const reloader&) = delete;

  /// The first time. What failed is in the report.
  reload_report begin(const node_config& config);

  /// Reads the file; a bad one changes nothing. All is logged; the text says the same.
  result<std::string> reload();

  /// One root of one pipeline; it lasts until the next reload. All is logged.
  reload_report change_root(const root_change& what);

  /// As `reload`, soon, on the thread for that.
  void reload_soon();

  /// Waits for the reload that is under way, if any (of a stopped node it does not take long).
  /// There are no more.
  void close();

  /// A reload was asked for and is not over.
  bool is_under_way() const;

  /// All pipelines have ended, and nothing is under way that may start one.
  bool is_over() const;
  bool has_failed() const; ///< one of them, for good

  /// How long the slowest of the pipelines may take to stop.
  std::chrono::milliseconds stop_deadline() const;

private:
  void run();
  reload_report apply(const node_config& config);
  reload_report follow(const std::function<reload_report()>& change);
  void log(const reload_report& report) const;

  node& host_;
  const std::string file_;
  const log_function log_;
  wake_event& changed_;

  std::mutex turn_; ///< one reload at a time
  bool is_closed_ = false;
  mutable std::mutex mutex_;
  std::condition_variable asked_;
  bool is_asked_ = false;
  bool is_ending_ = false;
  int under_way_ = 0;
  std::vector<pipeline> pipelines_;
  std::chrono::milliseconds stop_deadline_{0};
  std::thread thread_;
};

} // namespace actors::program
