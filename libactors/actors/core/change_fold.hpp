#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/change.hpp"
#include "actors/core/event.hpp"
#include "actors/core/overlay_tree.hpp"

#include <cstddef>
#include <cstdint>

namespace actors {

/// Folds a sequence of changes into its net effect: what someone sees who slept through it all.
///
/// Create and delete cancel out, a file written ten times is one modify, a temporary renamed over
/// its target is one modify of the target, a directory that was filled and then renamed is created
/// under its last name. Renames of directories carry along what is below them.
///
/// Where records say which file they are about (`event::identity`), the result depends on what was
/// there at the beginning and what is there at the end, and on nothing in between: what went and is
/// back never went, a second name of a file whose first is gone is that file renamed, a name that
/// has the file it began with was not replaced. Records that do not say so are told apart by path.
///
/// Replaying the result on the tree before gives the tree after, as replaying the input would: that
/// is the promise, and the order of the result is chosen for it. (Things that swapped names cannot
/// be replayed without a name in between; for those a name ending in ".actors-swap" appears.)
///
/// Keeps one small node for each path that was named, and for the directories above it. A record
/// costs as much as its path is deep, however many are held; that of a directory's end also what
/// was named in it.
class change_fold {
public:
  /// Requires `is_change(what.type)`. Copies what it needs.
  void add(const event& what);

  /// Paths held, directories above them included; what a bound on memory should look at.
  std::size_t paths() const { return tree_.size(); }

  bool empty() const { return tree_.size() == 0; }

  /// Nodes touched so far, ever; for the proof of what a record costs.
  std::uint64_t touched() const { return tree_.touched(); }

  /// Appends the net effect to `out`; afterwards the fold is empty.
  void take(batch_builder& out);

private:
  void create(const event& what);
  void alter(const event& what, change::difference how);
  void remove(const event& what);
  void rename(const event& what);
  void replace(overlay_node* what, const event& by);
  void kill(overlay_node* what, const overlay_node* told = nullptr);
  void arrive(overlay_node* what);
  void take_place(overlay_node* gone, overlay_node* what);
  void describe(overlay_node* what, const event& from);
  void recognize(overlay_node* what, std::uint64_t identity, std::uint64_t version);

  overlay_tree tree_;
};

} // namespace actors
