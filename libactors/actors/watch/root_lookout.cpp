#include "actors/watch/root_lookout.hpp"

#include "actors/os/directory.hpp"

#include <algorithm>

namespace actors {

void root_lookout::watch(change_source& source, const std::string& root) {
  auto posts = std::vector<post>{};
  for (std::size_t slash = 0; slash < root.size();) {
    const auto end = std::min(root.find('/', slash + 1), root.size());
    const auto name = root.substr(slash + 1, end - slash - 1);
    const auto above = directory::open(slash == 0 ? "/" : root.substr(0, slash));
    if (!above || name.empty())
      break;
    if (const auto watch = source.watch(*above, change_source::interest::names))
      posts.push_back({above->identity(), *watch, name});
    slash = end;
  }
  for (const auto& old : posts_) {
    const auto stays = [&](const post& x) { return x.watch == old.watch; };
    if (std::none_of(posts.begin(), posts.end(), stays))
      source.unwatch(old.watch);
  }
  posts_ = std::move(posts);
}

bool root_lookout::concerns(const kernel_record& record) const {
  return std::any_of(posts_.begin(), posts_.end(), [&](const post& x) {
    return x.watch == record.watch && x.directory == record.directory
           && (record.name == x.name || record.self_moved || record.unwatched);
  });
}

} // namespace actors
