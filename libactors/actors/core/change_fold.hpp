#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/change.hpp"
#include "actors/core/event.hpp"
#include "actors/core/overlay_tree.hpp"

#include <cstddef>

namespace actors {

/// Folds a sequence of changes into its net effect: what someone sees who slept through it all.
///
/// Create and delete cancel out, a file written ten times is one modify, a temporary renamed over
/// its target is one modify of the target, a directory that was filled and then renamed is created
/// under its last name. Renames of directories carry along what is below them.
///
/// Replaying the result on the tree before gives the tree after, as replaying the input would: that
/// is the promise, and the order of the result is chosen for it. (Things that swapped names cannot
/// be replayed without a name in between; for those a name ending in ".actors-swap" appears.)
///
/// Keeps one small node for each path that was named, and for the directories above it.
class change_fold {
public:
  /// Requires `is_change(what.type)`. Copies what it needs.
  void add(const event& what);

  /// Paths held, directories above them included; what a bound on memory should look at.
  std::size_t paths() const { return tree_.size(); }

  bool empty() const { return tree_.size() == 0; }

  /// Appends the net effect to `out`; afterwards the fold is empty.
  void take(batch_builder& out);

private:
  void create(const event& what);
  void alter(const event& what, change::difference how);
  void remove(const event& what);
  void rename(const event& what);
  static void describe(overlay_node* what, const event& from);

  overlay_tree tree_;
};

} // namespace actors
