#include "actors/watch/open_directories.hpp"

#include <string_view>

namespace actors {

result<const directory*> open_directories::open(const tree_node& node) {
  if (node.parent() == nullptr)
    return open_root();
  if (auto found = by_number_.find(node.number()); found != by_number_.end()) {
    open_.splice(open_.begin(), open_, found->second);
    return &open_.front().second;
  }
  auto root = open_root();
  if (!root)
    return root;
  const auto path = tree_.path_of(node);
  auto below =
    std::string_view{path}.substr(tree_.root_path() == "/" ? 1 : tree_.root_path().size() + 1);
  auto opened = (*root)->open_below(below);
  if (!opened)
    return tl::unexpected{opened.error()};
  if (opened->identity() != node.identity())
    return failure(errc::not_found, path + " is another directory now");
  if (open_.size() >= open_max) {
    by_number_.erase(open_.back().first);
    open_.pop_back();
  }
  open_.emplace_front(node.number(), std::move(*opened));
  by_number_[node.number()] = open_.begin();
  return &open_.front().second;
}

result<const directory*> open_directories::open_root() {
  if (!root_) {
    auto opened = directory::open(tree_.root_path());
    if (!opened)
      return tl::unexpected{opened.error()};
    if (opened->identity() != tree_.root().identity())
      return failure(errc::not_found, tree_.root_path() + " is another directory now");
    root_.emplace(std::move(*opened));
  }
  return &*root_;
}

} // namespace actors
