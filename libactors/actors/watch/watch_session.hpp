#pragma once

#include "actors/core/hint_set.hpp"
#include "actors/core/watch_options.hpp"
#include "actors/os/change_source.hpp"
#include "actors/protocol/context.hpp"
#include "actors/watch/coverage.hpp"
#include "actors/watch/entry_filter.hpp"
#include "actors/watch/mount_lookout.hpp"
#include "actors/watch/open_directories.hpp"
#include "actors/watch/reconcile.hpp"
#include "actors/watch/rescan_schedule.hpp"
#include "actors/watch/root_lookout.hpp"
#include "actors/watch/second_looks.hpp"
#include "actors/watch/state_keeper.hpp"
#include "actors/watch/told_tree.hpp"
#include "actors/watch/tree_scan.hpp"
#include "actors/watch/watch_table.hpp"

#include <optional>
#include <vector>

namespace actors {

/// One life of a watcher: from opening the kernel's queue to the stop or the crash.
///
/// Each turn of the loop reads the queue into the set of hints, looks at what they name, reads some
/// directories, and hands on what was found. While downstream is full it only reads: the set is
/// bounded, and when it is full the whole tree is compared instead.
class watch_session {
public:
  /// `state` is nullptr when nothing is to be remembered.
  watch_session(const watch_options& options, told_tree& told, change_source& queue,
    source_context& ctx, state_file* state = nullptr);

  void run();

private:
  void begin();
  void forget_watches();
  result<directory> open_root();
  void start_without_root(const error& why);
  void ask_rescan(const char* reason, const char* event = "rescan");
  void or_look_everywhere(bool taken);
  void read_queue();
  void take_in(const kernel_record& record);
  void take_in(const kernel_record& record, tree_node& directory);
  void work();
  void look_at_hints();
  bool look_at(const hint& why, time_point now);
  void look_at_links();
  void scan();
  void finish_scan();
  void tell_ready(std::string_view backend, std::chrono::milliseconds took);
  void kill_ghosts(bool all);
  void poll();
  void retry();
  bool has_looked_since(time_point then) const;
  void look_further(const char* reason);
  void read_mounts();
  void hint_at(const std::string& path);
  void take_fresh();
  void check_root();
  void lose_root(std::string_view reason);
  void find_root();
  void hand_on();
  void wait();
  void drain();
  std::optional<time_point> next_due() const;
  bool has_work() const;
  bool must_retry() const;

  const watch_options& options_;
  told_tree& told_;
  change_source& queue_;
  source_context& ctx_;

  entry_filter filter_;
  open_directories directories_;
  watch_table watches_;
  reconciler reconcile_;
  tree_scan scan_;
  rescan_schedule rescans_;
  second_looks second_looks_;
  coverage coverage_;
  root_lookout lookout_;
  mount_lookout mounts_;
  state_keeper state_;

  hint_set hints_;   ///< to look at now
  hint_set put_off_; ///< to look at again when the queue is empty
  std::vector<kernel_record> records_;
  change_source::amount last_read_ = change_source::amount::nothing;
  bool blocked_ = false;      ///< downstream is full
  bool introduced_ = false;   ///< health knows what it works with
  bool woken_ = false;        ///< there was news from the host
  bool root_doubted_ = false; ///< something happened to the root itself
  bool way_changed_ = false;  ///< or to a directory above it
  time_point began_{};
  time_point root_due_{};
  time_point mounts_due_{};
  time_point links_due_{};
};

} // namespace actors
