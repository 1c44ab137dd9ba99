#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/path_tree.hpp"
#include "actors/core/time_point.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actors {

/// The watcher's kept value: the model of the tree, and the records that tell how it came to be, as
/// far as they have not been handed on. It belongs to the slot and outlives a crash of the watcher.
///
/// Every change of the model tells itself, so the two never part.
/// Until the baseline is complete the model changes in silence: what happened before `ready` is
/// part of what the reader starts from.
class told_tree {
public:
  explicit told_tree(std::string root) : tree_{std::move(root)} {}

  /// The model of a watcher whose predecessor hangs, and may come back to its own model `hung`:
  /// they share nothing but the knowledge whether `ready` was told. If it was, a new baseline is
  /// due.
  told_tree(std::string root, const told_tree& hung)
    : tree_{std::move(root)}, common_{hung.common_}, source_{hung.source_},
      silent_{!common_->told_ready}, remembers_{common_->remembers}, baseline_due_{
                                                                       common_->told_ready
                                                                       || common_->remembers} {}

  /// Batches carry marks from now on: how far `source` has got.
  void mark_batches(std::uint32_t source) { source_ = source; }

  /// Of the batch handed on last: all that was told before is in it, or in one before it.
  std::uint64_t last_number() const { return last_number_; }

  /// The tree is what the reader knows from before this process: what the first scan finds is told.
  void remember();

  /// The reader knows something from before this process, and nobody knows what: a new baseline.
  void forget();

  /// Of this path the reader may know more than the tree says, or other things. So it is told again
  /// what is true of it now.
  void doubt(const std::string& path, event_type what, file_type ftype);

  /// The device is another than when the tree was remembered: identities say nothing, once, for
  /// each file. Requires that nothing was looked at yet.
  void distrust_identities();

  /// Takes the identity of what was remembered, when it looks the same; false when it does not, or
  /// when its identity is known.
  bool adopt(tree_node& node, const file_facts& facts);

  /// What is told until the next call was noticed now: looking at the clock for each record costs
  /// as much as a quarter of a look at the disk.
  void begin_turn();

  path_tree& tree() { return tree_; }
  const path_tree& tree() const { return tree_; }

  /// Whether the reader is told of it.
  enum class voice : std::uint8_t { told, silent };
  tree_node& create(
    tree_node& directory, std::string_view name, const file_facts& facts, voice how = voice::told);

  /// The same file, looked at again: a modify, an attrib, or nothing. `content` when its bytes may
  /// differ though size and time do not; `attributes` when the kernel named them.
  void compare(tree_node& node, const file_facts& facts, bool content, bool attributes);

  /// Another file has the name now.
  void replace(tree_node& node, const file_facts& facts);

  void remove(tree_node& node);

  /// The watches of directories that were removed; whoever watches must let go of them.
  struct dropped_watch {
    int watch;
    file_identity directory;
  };
  std::vector<dropped_watch> take_dropped_watches() { return std::exchange(dropped_watches_, {}); }

  enum class target : std::uint8_t { free, overwritten };
  /// `lost`: of what was overwritten.
  void rename(tree_node& node, tree_node& directory, std::string_view name, target was,
    const file_facts& lost = {});

  /// The root is a file, and the tree the directory it is in; records about the root name it. From
  /// now on, also for the next incarnation. Requires an empty tree.
  void watch_only(std::string name);
  const std::string& only_name() const { return only_name_; }

  /// The root as the user named it.
  std::string root_path() const;

  /// A record about the root; `path` is the root's unless it is set.
  void mark(event marker);

  /// Events were lost: everything until `tell_recovered` is what a look at the whole tree found.
  /// Told once, however often the queue overflows meanwhile.
  void tell_overflow(time_point now);
  void tell_recovered(time_point now);

  /// Nobody knows what the reader was told: it is to forget the root, and all that is found until
  /// `tell_recovered` is told as create.
  bool is_baseline_due() const { return baseline_due_; }
  void tell_baseline(time_point now);

  /// The root is gone, and everything below it with it. Told once, until `tell_root_back`.
  void tell_root_lost(std::string_view reason);
  void tell_root_back();
  bool is_root_lost() const { return root_lost_; }

  /// The baseline is complete: from now on changes are told.
  void tell_ready(std::string_view backend, std::chrono::milliseconds took);
  bool is_silent() const { return silent_; }

  /// Nobody is told of what changes: before `ready`, unless the tree is remembered from before.
  bool is_mute() const { return silent_ && !remembers_; }

  /// Whether a file that has another name now is told as renamed. Before `ready` nobody asks what
  /// it was called; and after a killed run the reader might not have the old name.
  bool tells_renames() const { return !is_mute() && !doubts_; }

  /// The reader knows something from before this process.
  bool remembers() const { return remembers_; }

  /// Tells creates of the baseline too, marked as initial.
  void tell_initial() { tell_initial_ = true; }

  /// What has not been handed on.
  bool has_news() const { return !waiting_.empty() || !news_.empty(); }
  std::size_t news() const { return news_.size(); }
  std::size_t news_bytes() const { return news_.bytes(); }

  /// The next batch to hand on; stays until `handed_on`. Empty when there is none.
  const event_batch& next_batch();
  void handed_on() { waiting_ = {}; }

  /// Anything but markers has been told, or is about to be.
  bool has_told() const { return changes_ != 0; }

private:
  void tell(event_type type, const tree_node& node, const file_facts* replaced = nullptr);
  void tell_rename(const std::string& from, const tree_node& node, const file_facts* replaced);
  tree_node* at(std::string_view path);
  void tell_renames_below(const std::string& from, tree_node& directory);
  void remove_leaf(tree_node& node);

  path_tree tree_;
  std::string only_name_; ///< the root is a single file; empty: it is a directory
  wall_time now_{};
  batch_builder news_;
  event_batch waiting_; ///< refused once; offered again before anything newer
  std::vector<dropped_watch> dropped_watches_;
  std::string scratch_;
  std::uint64_t changes_ = 0;
  struct overflow {
    time_point since;
    std::uint64_t changes_before;
  };
  std::optional<overflow> overflow_; ///< told, and not yet recovered from
  bool root_lost_ = false;
  struct shared {
    std::atomic<bool> told_ready{false};
    std::atomic<bool> remembers{false};
    std::atomic<std::uint64_t> numbers{0}; ///< given to batches
  };
  /// Shared with the models of later watchers, should this one hang.
  std::shared_ptr<shared> common_ = std::make_shared<shared>();
  std::optional<std::uint32_t> source_; ///< whose marks batches carry; none: they carry none
  std::uint64_t last_number_ = 0;
  bool silent_ = true;     ///< `ready` has not been told
  bool remembers_ = false; ///< the reader knows something from before
  bool baseline_due_ = false;
  bool tell_initial_ = false;
  bool doubts_ = false; ///< before `ready`: what the reader has is not known for every path
};

} // namespace actors
