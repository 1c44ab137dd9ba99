#pragma once

#include "actors/core/change.hpp"
#include "actors/core/event.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace actors {

/// One file or directory that was named, wherever it went.
struct overlay_node {
  overlay_node* parent = nullptr;
  std::string name;
  overlay_node* first_child = nullptr; ///< of those that exist now and were named
  overlay_node* next_sibling = nullptr;
  overlay_node* previous_sibling = nullptr;

  /// Where it was at the beginning, if it was, and has left that place since.
  overlay_node* before_parent = nullptr;
  std::string before_name;

  bool existed = false; ///< at the beginning
  bool exists = false;  ///< now
  change::difference how = change::difference::none;
  file_type ftype = file_type::unknown;
  bool initial = false;
  bool named = false;    ///< by a record, not only as a directory on the way to one
  bool replaces = false; ///< net_effect: what had its place before needs no telling of its own
  bool absorbed = false; ///< net_effect: told by the node that has its place now
  bool shelters = false; ///< net_effect: dead, but something below it lives on elsewhere
  bool settled = false;  ///< net_effect: the reader has it where it is now, or knows it is gone
  bool underway = false; ///< net_effect: being settled further up the stack
  std::uint64_t size = 0;
  wall_time time{};
  std::uint64_t order = 0; ///< of being named first

  bool has_left() const { return before_parent != nullptr; }
  bool is_directory() const { return ftype == file_type::directory; }
};

/// The part of a tree that records spoke of, at two moments: as it was at the beginning, and as it
/// is now. Directories nobody spoke of are there only if something below them was.
class overlay_tree {
public:
  overlay_tree() { clear(); }

  /// The node of the directory that holds `path`; directories not named so far were there before.
  overlay_node* directory_of(std::string_view path);

  /// Who is there now; nullptr when nobody is known to be.
  overlay_node* at(const overlay_node* directory, std::string_view name) const;

  /// The node at `path`, made if it was not named so far. Nullptr when it was there and has left.
  overlay_node* known_at(std::string_view path);

  /// Who was there in the beginning and has left; nullptr when nobody.
  overlay_node* gone_from(const overlay_node* directory, std::string_view name) const;

  enum class origin : std::uint8_t { was_there, is_new };
  overlay_node* make(overlay_node* directory, std::string_view name, origin from);

  /// Requires that the name is free and that `directory` is not below `what`.
  void move(overlay_node* what, overlay_node* directory, std::string_view name);

  /// With everything below it.
  void kill(overlay_node* what);

  /// Nobody waits for the place that `what` left any more.
  void forget_place(const overlay_node* what);

  /// Every node that was there or is there, in the order of being named first.
  std::vector<overlay_node*> in_order();

  /// Nodes held, directories on the way included.
  std::size_t size() const { return held_; }

  void clear();

private:
  /// A name in a directory.
  struct place {
    const overlay_node* parent;
    std::string_view name;
    friend bool operator==(const place&, const place&) = default;
  };
  struct place_hash {
    std::size_t operator()(const place& x) const noexcept {
      return std::hash<std::string_view>{}(x.name)
             ^ (std::hash<const overlay_node*>{}(x.parent) << 1);
    }
  };
  using places = std::unordered_map<place, overlay_node*, place_hash>;

  void put(overlay_node* what, overlay_node* directory, std::string_view name);
  void leave(overlay_node* what);

  std::deque<overlay_node> pool_; ///< never moves a node; the first is the root
  std::vector<overlay_node*> free_;
  places now_;  ///< who is at a place
  places gone_; ///< who was at a place in the beginning and has left it
  std::size_t held_ = 0;
  std::uint64_t orders_ = 0;
  std::string cached_path_; ///< the directory looked up last, since neighbours change together
  overlay_node* cached_ = nullptr;
};

/// The last part of a path.
std::string_view name_part(std::string_view path);

} // namespace actors
