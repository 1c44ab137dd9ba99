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
  bool looked_at = false; ///< its size is known
  bool named = false;     ///< by a record, not only as a directory on the way to one
  bool absorbed = false;  ///< net_effect: told by the node that has its place now
  bool shelters = false;  ///< net_effect: dead, but something below it lives on elsewhere
  bool settled = false;   ///< net_effect: the reader has it where it is now, or knows it is gone
  bool underway = false;  ///< net_effect: being settled further up the stack
  file_type listed_as = file_type::unknown; ///< by identity; unknown: it is not
  std::uint64_t identity = 0; ///< 0: not known. Of what existed: at the beginning and ever since
  std::uint64_t version = 0;  ///< as last told; 0: not known
  overlay_node* next_alike = nullptr; ///< listed with the same identity
  overlay_node* previous_alike = nullptr;
  overlay_node* replaces = nullptr; ///< net_effect: had its place before, is told with it
  std::uint64_t size = 0;
  wall_time time{};
  std::uint64_t order = 0; ///< of being named first

  bool has_left() const { return before_parent != nullptr; }
  bool is_directory() const { return ftype == file_type::directory; }

  /// Known to be of the same file; two names of it, then.
  bool is_same_file(const overlay_node& other) const {
    return identity != 0 && identity == other.identity && ftype == other.ftype;
  }
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

  /// With everything below it. Returns who of them was there in the beginning, deepest first.
  std::vector<overlay_node*> kill(overlay_node* what);

  void set_identity(overlay_node* what, std::uint64_t identity);
  void set_type(overlay_node* what, file_type ftype);

  /// One that was there and is gone; nullptr when there is none of that identity and type.
  overlay_node* gone_with(std::uint64_t identity, file_type ftype) const;
  /// One that is there and was not; nullptr when there is none of that identity and type.
  overlay_node* new_with(std::uint64_t identity, file_type ftype) const;

  /// It is back, itself and alone. Requires that it is gone and the name is free.
  void revive(overlay_node* gone, overlay_node* directory, std::string_view name);

  /// `gone` is what was thought to be `other`: it is revived in its place, with what is in it, and
  /// `other` is gone.
  void revive_as(overlay_node* gone, overlay_node* other);

  /// Two names of a file; requires that both are there.
  void exchange_places(overlay_node* a, overlay_node* b);

  /// Nobody waits for the place that `what` left any more.
  void forget_place(const overlay_node* what);

  /// Every node that was there or is there, in the order of being named first.
  std::vector<overlay_node*> in_order();

  /// Nodes held, directories on the way included.
  std::size_t size() const { return held_; }

  /// Nodes touched so far, ever: what the tests count to prove what a record costs.
  std::uint64_t touched() const { return touched_; }

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

  /// Who is listed under an identity: the first of a chain.
  struct listing {
    std::uint64_t identity;
    file_type ftype;
    friend bool operator==(const listing&, const listing&) = default;
  };
  struct listing_hash {
    std::size_t operator()(const listing& x) const noexcept {
      return std::hash<std::uint64_t>{}(x.identity) ^ static_cast<std::size_t>(x.ftype);
    }
  };
  using listings = std::unordered_map<listing, overlay_node*, listing_hash>;

  listings& listings_of(const overlay_node* what) {
    return what->existed ? alike_gone_ : alike_new_;
  }
  void enlist(overlay_node* what);
  void delist(overlay_node* what);
  void end(overlay_node* what);
  void put(overlay_node* what, overlay_node* directory, std::string_view name);
  void leave(overlay_node* what);

  std::deque<overlay_node> pool_; ///< never moves a node; the first is the root
  std::vector<overlay_node*> free_;
  places now_;          ///< who is at a place
  places gone_;         ///< who was at a place in the beginning and has left it
  listings alike_gone_; ///< who was there and is gone
  listings alike_new_;  ///< who is there and was not
  std::size_t held_ = 0;
  std::uint64_t touched_ = 0;
  std::uint64_t orders_ = 0;
  std::string cached_path_; ///< the directory looked up last, since neighbours change together
  overlay_node* cached_ = nullptr;
};

/// The last part of a path.
std::string_view name_part(std::string_view path);

} // namespace actors
