#pragma once

#include "actors/core/hint_set.hpp"
#include "actors/core/time_point.hpp"
#include "actors/os/directory.hpp"
#include "actors/watch/entry_filter.hpp"
#include "actors/watch/link_follower.hpp"
#include "actors/watch/open_directories.hpp"
#include "actors/watch/told_tree.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace actors {

/// How a name came to be looked at.
enum class look_reason : std::uint8_t {
  hint, ///< the kernel named it
  scan, ///< its directory is being read
};

/// Makes the model agree with the disk, one name at a time, and so tells the difference.
///
/// Each rule is one of "What must hold": identity is the file handle; a name that vanished becomes
/// a ghost, and a rename if its file turns up; what a name is now is asked of the disk. (That a
/// name is gone is taken from the kernel's word, when it was the last word.)
class reconciler {
public:
  reconciler(told_tree& told, open_directories& directories, entry_filter& filter,
    link_policy links, std::size_t entries_max)
    : told_{told}, directories_{directories}, filter_{filter}, links_{told.tree(), links},
      entries_max_{entries_max} {}

  enum class verdict : std::uint8_t {
    done,
    put_off, ///< the model must first learn of something else; look again later
    no_room, ///< the entry is new, and the model is full
  };

  /// Looks at `name` in `directory`, which `where` is open on.
  verdict look(tree_node& directory, const actors::directory& where, const char* name,
    const hint& why, look_reason reason, time_point now);

  /// Directories that came into the model, or moved in it, and must be scanned.
  struct fresh_directory {
    std::uint64_t number;
    bool deep; ///< with all below it: it moved, and the filter may judge that differently now
  };
  std::vector<fresh_directory> take_fresh() { return std::exchange(fresh_, {}); }

  /// Names to look at in every poll interval.
  const std::set<link_follower::entry>& links_leading_out() { return links_.leading_out(); }
  bool has_links_leading_out() const { return links_.has_leading_out(); }

private:
  sight look_as_needed(const actors::directory& where, const char* name, const tree_node* known,
    const hint& why) const;
  verdict left_out(tree_node* known, const file_facts& facts, time_point now);
  void absent(tree_node& known, const hint& why, look_reason reason, time_point now);
  void same(tree_node& known, const file_facts& facts, const hint& why, look_reason reason);
  tree_node* moved_here(const file_facts& facts);
  bool may_be_another_name(const file_facts& facts);
  bool still_in_place(const tree_node& node);
  bool exchange(tree_node& known, tree_node& moved, const file_facts& facts);
  verdict take_place(tree_node& directory, const char* name, const file_facts& facts,
    tree_node* known, tree_node* moved, told_tree::voice how);
  void after_move(const tree_node& moved);

  told_tree& told_;
  open_directories& directories_;
  entry_filter& filter_;
  link_follower links_;
  std::size_t entries_max_;
  std::vector<fresh_directory> fresh_;
  std::uint64_t exchanges_ = 0; ///< so far; makes the names in between different
};

/// How long a vanished name may be on its way to another. The two halves of a rename are queued
/// together, so only a read boundary can part them: a few milliseconds on a busy machine.
inline constexpr auto ghost_grace = std::chrono::milliseconds{30};

} // namespace actors
