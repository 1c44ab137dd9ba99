#include "actors/watch/root_lookout.hpp"

#include "actors/os/directory.hpp"
#include "actors/os/user_path.hpp"

#include <algorithm>
#include <utility>

namespace actors {

namespace {

/// As many as the kernel follows in one path (path_resolution(7)).
constexpr auto links_max = 40;

struct step {
  std::string directory; ///< without links; "" is "/"
  std::string name;
};

/// The names that a walk to `path` looks up, those that links on the way say among them; as far as
/// the way exists.
std::vector<step> way_to(const std::string& path) {
  auto way = std::vector<step>{};
  auto here = std::string{};
  auto rest = path;
  for (auto links = 0; !rest.empty();) {
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto name = rest.substr(0, slash);
    rest.erase(0, slash + 1);
    if (name.empty() || name == ".")
      continue;
    if (name == "..") {
      here.erase(std::min(here.rfind('/'), here.size()));
      continue;
    }
    way.push_back({here, name});
    const auto text = link_target(here + "/" + name);
    if (text.empty()) {
      here += "/" + name;
      continue;
    }
    if (++links > links_max)
      break;
    if (text.front() == '/')
      here.clear();
    rest = text + "/" + rest;
  }
  return way;
}

} // namespace

void root_lookout::watch(change_source& source, const std::string& root) {
  auto posts = std::vector<post>{};
  for (auto& [path, name] : way_to(root)) {
    const auto above = directory::open(path.empty() ? "/" : path);
    if (!above)
      break;
    if (const auto watch = source.watch(*above, change_source::interest::names))
      posts.push_back({above->identity(), *watch, std::move(name)});
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
