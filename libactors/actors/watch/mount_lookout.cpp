#include "actors/watch/mount_lookout.hpp"

#include "actors/os/user_path.hpp"

namespace actors {

mount_lookout::mount_lookout(std::string root) : root_{std::move(root)} {
  auto opened = mount_watch::open();
  if (opened)
    watch_.emplace(std::move(*opened));
  else
    failure_ = opened.error().text;
}

std::vector<mount_lookout::change> mount_lookout::take_changes() {
  if (!watch_)
    return {};
  const auto table = watch_->read();
  const auto real = real_path(root_);
  if (!table || real.empty())
    return {};
  const auto as_written = [&](const std::string& path) {
    return (root_ == "/" ? "" : root_) + (real == "/" ? path : path.substr(real.size()));
  };
  auto now = std::map<std::string, mount_point>{};
  for (auto& x : mounts_below(*table, real))
    now[as_written(x.path)] = x;
  auto changes = std::vector<change>{};
  for (const auto& [path, x] : mounts_)
    if (const auto i = now.find(path); i == now.end() || i->second.id != x.id)
      changes.push_back({change::kind::unmounted, path, x.type});
  for (const auto& [path, x] : now)
    if (const auto i = mounts_.find(path); i == mounts_.end() || i->second.id != x.id)
      changes.push_back({change::kind::mounted, path, x.type});
  mounts_ = std::move(now);
  if (!std::exchange(knows_, true))
    changes.clear();
  return changes;
}

} // namespace actors
