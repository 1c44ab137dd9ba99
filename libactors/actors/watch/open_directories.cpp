#include "actors/watch/open_directories.hpp"

#include <string_view>

namespace actors {

result<const directory*> open_directories::open(const tree_node& node) {
  if (node.parent() == nullptr)
    return open_root();
  if (auto found = by_number_.find(node.number()); found != by_number_.end()) {
    open_.splice(open_.begin(), open_, found->second);
    open_.front().used = true;
    return &open_.front().directory;
  }
  auto opened = open_alone(node);
  if (!opened)
    return tl::unexpected{opened.error()};
  if (open_.size() >= open_max) {
    by_number_.erase(open_.back().number);
    open_.pop_back();
  }
  open_.push_front({node.number(), std::move(*opened)});
  by_number_[node.number()] = open_.begin();
  return &open_.front().directory;
}

result<directory> open_directories::open_alone(const tree_node& node) {
  auto root = open_root();
  if (!root)
    return tl::unexpected{root.error()};
  const auto path = tree_.path_of(node);
  const auto skipped = tree_.root_path() == "/" ? 1 : tree_.root_path().size() + 1;
  const auto below = std::string_view{path}.substr(std::min(path.size(), skipped));
  auto opened = (*root)->open_below(below, links_);
  if (opened && opened->identity() != node.identity())
    return failure(errc::not_found, path + " is another directory now");
  return opened;
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

void open_directories::close_idle(time_point now) {
  if (now - closed_at_ < idle_max)
    return;
  closed_at_ = now;
  while (!open_.empty() && !open_.back().used) {
    by_number_.erase(open_.back().number);
    open_.pop_back();
  }
  for (auto& x : open_)
    x.used = false;
  if (open_.empty())
    root_.reset();
}

} // namespace actors
