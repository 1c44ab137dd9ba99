#pragma once

#include "actors/core/path_tree.hpp"
#include "actors/os/directory.hpp"
#include "actors/os/user_path.hpp"

#include <string>

namespace actors {

/// Decides which links are followed: those to directories outside of the tree that are not in it
/// already, so that a loop of links ends, and nothing is told under two paths.
class link_follower {
public:
  link_follower(const path_tree& tree, link_policy links) : tree_{tree}, links_{links} {}

  link_policy links() const { return links_; }

  /// What `name` is to be told as, when a look that followed gave `seen`.
  sight judge(const tree_node& directory, const actors::directory& where, const char* name,
    const tree_node* known, sight seen) const {
    if (links_ == link_policy::kept || seen.is != sight::kind::present
        || seen.facts.ftype != file_type::directory)
      return seen;
    if (known != nullptr && known->identity() == seen.facts.identity)
      return seen; // judged before
    const auto itself = where.look(name);
    const auto is_link = itself.is == sight::kind::present && itself.facts.ftype == file_type::link;
    if (!is_link)
      return seen;
    const auto is_known = tree_.with_identity(seen.facts.identity) != nullptr;
    return is_known || leads_back(directory, name) ? itself : seen;
  }

private:
  bool leads_back(const tree_node& directory, const char* name) const {
    const auto target = real_path(tree_.path_of(directory) + "/" + name);
    const auto root = real_path(tree_.root_path());
    return target.empty() || root == "/" || target == root || target.starts_with(root + "/");
  }

  const path_tree& tree_;
  link_policy links_;
};

} // namespace actors
