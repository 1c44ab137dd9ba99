#pragma once

#include "actors/core/path_tree.hpp"
#include "actors/core/record_root.hpp"
#include "actors/os/directory.hpp"
#include "actors/os/user_path.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace actors {

/// Decides which links are followed: those to directories outside of the tree that are not in it
/// already, so that a loop of links ends, and nothing is told under two paths.
class link_follower {
public:
  link_follower(const path_tree& tree, link_policy links) : tree_{tree}, links_{links} {}

  link_policy links() const { return links_; }

  /// What `name` is to be told as, when a look that followed gave `seen`. `is_in_place(node)` says
  /// whether the node is there still: else it is this one, and has been moved.
  template <class IsInPlace>
  sight judge(const tree_node& directory, const actors::directory& where, const char* name,
    const tree_node* known, sight seen, IsInPlace is_in_place) {
    if (links_ == link_policy::kept || seen.is != sight::kind::present)
      return seen;
    if (seen.facts.ftype == file_type::link
        && real_path(tree_.path_of(directory) + "/" + name).empty())
      remember(directory, name); // what it leads to may come
    if (seen.facts.ftype != file_type::directory)
      return seen;
    if (known != nullptr && known->identity() == seen.facts.identity)
      return seen; // judged before
    const auto itself = where.look(name);
    const auto is_link = itself.is == sight::kind::present && itself.facts.ftype == file_type::link;
    if (!is_link)
      return seen;
    if (leads_back(directory, name))
      return itself;
    remember(directory, name);
    auto is_known = false;
    tree_.each_with_identity(
      seen.facts.identity, [&](const tree_node& x) { is_known = is_known || is_in_place(x); });
    return is_known ? itself : seen;
  }

  /// A name in the directory of that number.
  using entry = std::pair<std::uint64_t, std::string>;

  /// Links to be looked at again and again: what they lead to lies outside of the tree, and nobody
  /// tells when it goes, comes or is exchanged.
  const std::set<entry>& leading_out() {
    std::erase_if(leading_out_, [&](const entry& x) {
      const auto* directory = tree_.directory(x.first);
      return directory == nullptr || tree_.child(*directory, x.second) == nullptr;
    });
    return leading_out_;
  }

  bool has_leading_out() const { return !leading_out_.empty(); }

private:
  bool leads_back(const tree_node& directory, const char* name) const {
    const auto target = real_path(tree_.path_of(directory) + "/" + name);
    const auto root = real_path(tree_.root_path());
    return target.empty() || root.empty() || is_in(root, target);
  }

  void remember(const tree_node& directory, const char* name) {
    if (leading_out_.size() < leading_out_max)
      leading_out_.emplace(directory.number(), name);
  }

  /// Each costs a look in every poll interval, some 3 us. Of the rest a change of the target is
  /// noticed when something else changes there.
  static constexpr std::size_t leading_out_max = 10'000;

  const path_tree& tree_;
  link_policy links_;
  std::set<entry> leading_out_;
};

} // namespace actors
