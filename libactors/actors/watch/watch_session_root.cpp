// How a life begins, and what becomes of the root: it may go, come back, be replaced, or be mounted
// over.
#include "actors/os/poll.hpp"
#include "actors/watch/watch_session.hpp"

#include <chrono>

namespace actors {

using namespace std::chrono_literals;

namespace {

/// How often a look at the mount table's descriptor is due while there is other work.
constexpr auto mounts_look_every = 20ms;

} // namespace

/// Whatever the incarnation before left in the model: nothing is watched yet, and all is compared.
void watch_session::begin() {
  told_.begin_turn();
  began_ = ctx_.now();
  forget_watches();
  if (options_.initial)
    told_.tell_initial();
  if (!mounts_.failure_text().empty())
    ctx_.log(log_level::info, "mounts_not_watched", {{"reason", mounts_.failure_text()}});
  mounts_.take_changes();
  auto root = open_root(); // of a single file, the root path is its directory from here on
  lookout_.watch(queue_, told_.tree().root_path());
  if (told_.is_root_lost()) {
    root_due_ = began_;
    ctx_.ready();
    return coverage_.root_lost("since before this start");
  }
  state_.begin(root ? &*root : nullptr);
  if (!root && told_.is_silent())
    return start_without_root(root.error());
  if (!root)
    return lose_root(root.error().text);
  const auto knows_root = !told_.is_silent() && !told_.is_baseline_due();
  if (knows_root && root->identity() != told_.tree().root().identity())
    return lose_root("replaced by another directory");
  if (told_.is_baseline_due())
    told_.tell_baseline(began_);
  told_.tree().update(told_.tree().root(), root->facts());
  scan_.start_over();
}

void watch_session::forget_watches() {
  auto& tree = told_.tree();
  auto all = std::vector<tree_node*>{&tree.root()};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i]->set_watch(-1);
    for (auto* child = all[i]->first_child(); child != nullptr; child = child->next_sibling()) {
      if (child->seen != tree_node::never_seen)
        child->seen = 0; // this scan counts its readings from 1, as the one before did
      if (child->is_directory())
        all.push_back(child);
    }
  }
  for (const auto& [ghost, until] : std::unordered_map{tree.ghosts()})
    tree.revive(*ghost);
  told_.take_dropped_watches();
}

/// The reader starts from an empty tree, and is told when there is more.
void watch_session::start_without_root(const error& why) {
  if (!options_.wait_for_path)
    ctx_.fail(why.text);
  if (told_.is_baseline_due())
    told_.tell_baseline(began_);
  state_.before_ready();
  tell_ready(name_of(options_.backend), 0ms);
  lose_root(why.text);
}

void watch_session::tell_ready(std::string_view backend, std::chrono::milliseconds took) {
  told_.tell_ready(backend, took);
  if (options_.progress)
    --options_.progress->roots_to_read;
}

/// Of a single file, the directory it is in: it is a name there, whatever file has it.
result<directory> watch_session::open_root() {
  const auto path = told_.tree().root_path();
  auto root = directory::open(path);
  if (root || root.error().code != errc::not_a_directory || !told_.only_name().empty())
    return root;
  const auto slash = path.rfind('/');
  auto above = directory::open(slash == 0 ? "/" : path.substr(0, slash));
  if (above)
    told_.watch_only(path.substr(slash + 1));
  return above ? std::move(above) : std::move(root);
}

void watch_session::check_root() {
  root_doubted_ = false;
  if (told_.is_root_lost())
    return;
  directories_.close_all();
  auto root = open_root();
  if (!root)
    return lose_root(root.error().text);
  if (root->identity() != told_.tree().root().identity())
    lose_root("replaced by another directory");
}

void watch_session::lose_root(std::string_view reason) {
  ctx_.log(log_level::warning, "root_lost",
    {{"root", told_.root_path()}, {"reason", std::string{reason}}});
  told_.tell_root_lost(reason);
  watches_.drop(told_.take_dropped_watches());
  watches_.remove(told_.tree().root());
  hints_.clear();
  put_off_.clear();
  directories_.close_all();
  lookout_.watch(queue_, told_.tree().root_path());
  root_due_ = ctx_.now();
  ctx_.ready();
  coverage_.root_lost(reason);
}

void watch_session::find_root() {
  if (ctx_.now() < root_due_)
    return;
  root_due_ = ctx_.now() + options_.poll_interval;
  auto root = open_root();
  if (!root)
    return;
  told_.tree().update(told_.tree().root(), root->facts());
  told_.tell_root_back();
  ctx_.log(log_level::info, "root_back", {{"root", told_.root_path()}});
  coverage_.root_found();
  lookout_.watch(queue_, told_.tree().root_path());
  scan_.start_over();
}

/// What stands where something was mounted or unmounted is another directory now.
void watch_session::read_mounts() {
  mounts_due_ = ctx_.now() + mounts_look_every;
  if (mounts_.descriptor() < 0 || !wait_readable({mounts_.descriptor()}, 0ms))
    return;
  const auto changes = mounts_.take_changes();
  queue_.mounts_changed();
  way_changed_ = true; // the root may be what was mounted on, or a directory above it
  if (told_.is_root_lost())
    return;
  if (changes.empty()) // or one was replaced by another of the same number
    for (const auto& path : mounts_.paths())
      hint_at(path);
  directories_.close_all();
  for (const auto& x : changes) {
    const auto mounted = x.what == mount_lookout::change::kind::mounted;
    told_.mark(
      {.type = mounted ? event_type::mount : event_type::unmount, .path = x.path, .text = x.type});
    hint_at(x.path);
  }
}

void watch_session::hint_at(const std::string& path) {
  const auto& tree = told_.tree();
  auto* directory = &told_.tree().root();
  auto rest =
    std::string_view{path}.substr(tree.root_path() == "/" ? 1 : tree.root_path().size() + 1);
  for (auto slash = rest.find('/'); slash != rest.npos; slash = rest.find('/')) {
    directory = tree.child(*directory, rest.substr(0, slash));
    if (directory == nullptr || !directory->is_directory())
      return; // not in the model: what is mounted there is none of ours
    rest.remove_prefix(slash + 1);
  }
  if (const auto* known = tree.child(*directory, rest); known != nullptr && known->is_directory())
    scan_.add_deep(known->number()); // it may look the same, and be another: watch it anew
  if (!hints_.add(directory->number(), rest, hint::arrived))
    ask_rescan("more hints than a look everywhere costs");
}

} // namespace actors
