#pragma once

#include "actors/core/hint_set.hpp"
#include "actors/core/time_point.hpp"
#include "actors/os/directory.hpp"
#include "actors/watch/open_directories.hpp"
#include "actors/watch/reconcile.hpp"
#include "actors/watch/told_tree.hpp"
#include "actors/watch/watch_table.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace actors {

/// Reads directories and makes the model agree with them: watch first, then list, so that a change
/// is either in the list or in the queue. Works in small steps, since the queue must be read
/// meanwhile, and descends only into what the reading found.
class tree_scan {
public:
  /// Whether directories are read on which another file system is mounted.
  enum class boundary : std::uint8_t { none, file_system };

  tree_scan(told_tree& told, open_directories& directories, watch_table& watches,
    reconciler& reconcile, entry_filter& filter, boundary stop_at)
    : told_{told}, directories_{directories}, watches_{watches},
      reconcile_{reconcile}, filter_{filter}, boundary_{stop_at} {}

  /// Compares the whole tree with the disk.
  void start_over();

  /// Reads one directory, and those below it that are not watched yet.
  void add(std::uint64_t directory);

  /// Reads one directory and all below it.
  void add_deep(std::uint64_t directory);

  /// Looks at up to `names_max` names. Those that must wait for something else go into `put_off`.
  /// Returns how many.
  std::size_t step(std::size_t names_max, hint_set& put_off, time_point now);

  /// Nothing is left to read now; some directories may have been put off.
  bool is_done() const { return !current_ && queue_.empty(); }

  /// Directories that could not be opened where the model has them, because something above them
  /// moved and the model does not know yet.
  bool has_put_off() const { return !put_off_.empty(); }

  /// Reads those that have a place by now; one below a ghost has none yet. Returns how many.
  std::size_t retry_put_off();

  /// A whole-tree comparison is under way.
  bool is_whole() const { return whole_ && !is_done(); }

  /// A directory that could not be watched or read; no code: it can be again. not_supported without
  /// a text: it is not to be watched, only read.
  struct finding {
    std::uint64_t directory;
    errc code;
    std::string text;
  };
  std::vector<finding> take_findings() { return std::exchange(findings_, {}); }

private:
  struct reading {
    std::uint64_t number;
    directory where;
    name_reader names;
  };

  bool open_next();
  bool open_to_read(tree_node& node);
  bool may_enter(const tree_node& node, const directory& where) const;
  void miss(std::uint64_t directory, error why);
  void read_names(std::size_t& budget, hint_set& put_off, time_point now);
  void finish(tree_node& node, hint_set& put_off, time_point now);
  void add_children(tree_node& node);
  void look(tree_node& node, const char* name, hint_set& put_off, time_point now);

  told_tree& told_;
  open_directories& directories_;
  watch_table& watches_;
  reconciler& reconcile_;
  entry_filter& filter_;
  boundary boundary_;
  std::deque<std::uint64_t> queue_;
  std::unordered_set<std::uint64_t> queued_; ///< the same: each directory is in line once
  std::set<std::uint64_t> put_off_;
  std::set<std::uint64_t> missed_; ///< what changed below them could not be looked at
  std::optional<reading> current_;
  std::uint32_t stamp_ = 0; ///< of the present reading; marks what it met
  bool whole_ = false;
  std::vector<finding> findings_;
};

} // namespace actors
