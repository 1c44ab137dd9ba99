#include "actors/watch/roots.hpp"

#include "actors/os/directory.hpp"
#include "actors/os/source_ladder.hpp"
#include "actors/os/user_path.hpp"

#include <string>

namespace actors {

namespace {

result<void> check_backend(const watch_options& options) {
  auto source = source_ladder::open(options.backend);
  if (!source)
    return tl::unexpected{source.error()};
  auto root = directory::open(options.path);
  if (!root && root.error().code == errc::not_a_directory)
    root = directory::open(directory_of(options.path));
  if (!root)
    return {}; // it is waited for
  const auto watched = (*source)->watch(*root);
  if (!watched)
    return tl::unexpected{watched.error()};
  return {};
}

/// Everything below the root, whatever it is called.
bool tells_all(const watch_options& x) {
  return x.depth_max == watch_options::no_limit && x.ignore.empty() && x.include.empty()
         && !x.gitignore && !x.one_file_system;
}

} // namespace

result<void> check_root(const watch_options& options) {
  auto usable = check_path(options.path);
  if (!usable && !(options.wait_for_path && usable.error().code == errc::not_found))
    return usable;
  const auto asked_for =
    options.backend == watch_backend::fanotify || options.backend == watch_backend::inotify;
  if (auto works = asked_for ? check_backend(options) : result<void>{}; !works)
    return failure(works.error().code, "cannot watch \"" + options.path + "\" with "
                                         + std::string{name_of(options.backend)} + ": "
                                         + works.error().text + "; use another backend, or auto");
  return {};
}

bool covers(const watch_options& outer, const watch_options& inner) {
  if (outer.path == inner.path)
    return true;
  const auto above = outer.path == "/" ? outer.path : outer.path + "/";
  if (!tells_all(outer) || !inner.path.starts_with(above))
    return false;
  // A link on the way would lead out of the outer tree.
  const auto real_outer = real_path(outer.path);
  const auto real_above = real_outer == "/" ? real_outer : real_outer + "/";
  return !real_outer.empty()
         && real_path(inner.path) == real_above + inner.path.substr(above.size());
}

} // namespace actors
