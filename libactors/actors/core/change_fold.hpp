#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/change.hpp"
#include "actors/core/event.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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
  change_fold();

  /// Requires `is_change(what.type)`. Copies what it needs.
  void add(const event& what);

  /// Paths held, directories above them included; what a bound on memory should look at.
  std::size_t paths() const { return held_; }

  bool empty() const { return held_ == 0; }

  /// Appends the net effect to `out`; afterwards the fold is empty.
  void take(batch_builder& out);

private:
  /// One file or directory that was named, wherever it went.
  struct node {
    node* parent = nullptr;
    std::string name;
    node* first_child = nullptr; ///< of those that exist now and were named
    node* next_sibling = nullptr;
    node* previous_sibling = nullptr;

    /// Where it was at the beginning, if it was, and has left that place since.
    node* before_parent = nullptr;
    std::string before_name;

    bool existed = false; ///< at the beginning
    bool exists = false;  ///< now
    change::difference how = change::difference::none;
    file_type ftype = file_type::unknown;
    bool initial = false;
    bool named = false;    ///< by a record, not only as a directory on the way to one
    bool replaces = false; ///< take(): what had its place before needs no telling of its own
    bool absorbed = false; ///< take(): told by the node that has its place now
    bool shelters = false; ///< take(): dead, but something below it lives on elsewhere
    bool settled = false;  ///< take(): the reader has it where it is now, or knows it is gone
    bool underway = false; ///< take(): being settled further up the stack
    std::uint64_t size = 0;
    wall_time time{};
    std::uint64_t order = 0; ///< of being named first

    bool has_left() const { return before_parent != nullptr; }
    bool is_directory() const { return ftype == file_type::directory; }
  };

  /// A name in a directory.
  struct place {
    const node* parent;
    std::string_view name;
    friend bool operator==(const place&, const place&) = default;
  };
  struct place_hash {
    std::size_t operator()(const place& x) const noexcept {
      return std::hash<std::string_view>{}(x.name) ^ (std::hash<const node*>{}(x.parent) << 1);
    }
  };
  using places = std::unordered_map<place, node*, place_hash>;

  void create(const event& what);
  void alter(const event& what, change::difference how);
  void remove(const event& what);
  void rename(const event& what);

  node* directory_of(std::string_view path);
  node* at(node* parent, std::string_view name) const;
  node* make(node* parent, std::string_view name, bool existed);
  node* known_at(std::string_view path, bool& known_gone);
  void put(node* what, node* parent, std::string_view name);
  void leave(node* what);
  void kill(node* what);
  void describe(node* what, const event& from);

  std::vector<node*> in_order();
  void pair_replacements(const std::vector<node*>& nodes);
  void mark_shelters(const std::vector<node*>& nodes);
  void tell_removals(std::vector<node*> dead, batch_builder& out);
  bool settle(node* what, batch_builder& out);
  void settle_below(node* what, batch_builder& out);
  void clear_place(node* newcomer, batch_builder& out);
  void clear_away(node* dead, batch_builder& out);
  void sidestep(node* what, node* into, batch_builder& out);
  void tell(event_type type, const node* what, batch_builder& out);
  void reset();

  static const node* told_parent(const node* what);
  static std::string_view told_name(const node* what);
  static void append_path(const node* what, std::string& text);

  /// A ring of renames is settled by recursion, 400 bytes of stack or less for each name in it
  /// (measured: 65,000 names overflow 8 MB). A longer one costs a step aside for every thousand.
  static constexpr std::size_t nesting_max = 1000;

  std::deque<node> pool_; ///< never moves a node; the first is the root
  std::vector<node*> free_;
  places now_;  ///< who is at a place
  places gone_; ///< who was at a place in the beginning and has left it
  std::unordered_map<const node*, std::vector<node*>> sheltered_; ///< take(): by dead directory
  std::size_t nesting_ = 0; ///< take(): of settling one thing for another's sake
  std::size_t held_ = 0;
  std::uint64_t orders_ = 0;
  std::string cached_path_; ///< the directory looked up last, since neighbours change together
  node* cached_ = nullptr;
};

} // namespace actors
