#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/overlay_tree.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace actors {

/// Tells how a tree came from one moment to the other, in an order that can be replayed: removals
/// first, then every node brought to its place (what is in the way there first, what is above it
/// first), then what changed in place.
///
/// Works on the marks of the nodes, so a tree can be told once.
class net_effect {
public:
  net_effect(overlay_tree& tree, batch_builder& out) : tree_{tree}, out_{out} {}

  void tell_all();

private:
  void pair_replacements(const std::vector<overlay_node*>& nodes);
  void mark_shelters(const std::vector<overlay_node*>& nodes);
  void tell_removals(std::vector<overlay_node*> dead);
  bool settle(overlay_node* what);
  void settle_below(overlay_node* what);
  void clear_place(overlay_node* newcomer);
  void clear_away(overlay_node* dead);
  void sidestep(overlay_node* what, overlay_node* into);
  void tell(event_type type, const overlay_node* what);

  static const overlay_node* told_parent(const overlay_node* what);
  static std::string_view told_name(const overlay_node* what);
  static void append_path(const overlay_node* what, std::string& text);

  /// A ring of renames is settled by recursion, 400 bytes of stack or less for each name in it
  /// (measured: 65,000 names overflow 8 MB). A longer one costs a step aside for every thousand.
  static constexpr std::size_t nesting_max = 1000;

  overlay_tree& tree_;
  batch_builder& out_;
  std::unordered_map<const overlay_node*, std::vector<overlay_node*>>
    sheltered_;             ///< by dead directory
  std::size_t nesting_ = 0; ///< of settling one thing for another's sake
};

} // namespace actors
