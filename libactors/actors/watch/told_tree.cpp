#include "actors/watch/told_tree.hpp"

#include "actors/core/file_version.hpp"

#include <limits>
#include <utility>

namespace actors {

namespace {

/// For those who fold: which file it is, and which one had its place.
void identify(event& what, const tree_node& node, const file_facts* replaced) {
  what.identity = node.identity().value;
  what.version = version_of(node.facts());
  if (node.has_unseen_write())
    what.version = version_before(what.version, change::difference::content);
  what.replaced = replaced != nullptr;
  if (replaced != nullptr && replaced->identity) {
    what.lost_identity = replaced->identity.value;
    what.lost_version = version_of(*replaced);
  }
}

} // namespace

void told_tree::begin_turn() {
  now_ = std::chrono::time_point_cast<wall_time::duration>(std::chrono::system_clock::now());
}

tree_node& told_tree::create(
  tree_node& directory, std::string_view name, const file_facts& facts, voice how) {
  auto& node = tree_.create(directory, name, facts);
  node.set_silent(how == voice::silent);
  tell(event_type::create, node);
  return node;
}

void told_tree::compare(tree_node& node, const file_facts& facts, bool content, bool attributes) {
  const auto is_file = !node.is_directory();
  const auto differs =
    is_file && (content || node.modified() != facts.modified || node.size() != facts.size);
  const auto attributes_differ =
    node.attributes() != facts.attributes || (attributes && node.changed() != facts.changed);
  tree_.update(node, facts);
  node.set_unseen_write(false);
  if (differs)
    tell(event_type::modify, node);
  else if (attributes_differ)
    tell(event_type::attrib, node);
}

void told_tree::replace(tree_node& node, const file_facts& facts) {
  const auto lost = node.facts();
  tree_.update(node, facts);
  node.set_unseen_write(false);
  tell(event_type::modify, node, &lost);
}

void told_tree::remove(tree_node& node) {
  for (auto* at = &node;;) { // the deepest first, without recursion: a tree may be very deep
    while (at->first_child() != nullptr)
      at = at->first_child();
    auto* above = at->parent();
    const auto is_last = at == &node;
    remove_leaf(*at);
    if (is_last)
      return;
    at = above;
  }
}

void told_tree::remove_leaf(tree_node& node) {
  tell(event_type::remove, node);
  if (node.watch() >= 0)
    dropped_watches_.push_back({node.watch(), node.identity()});
  tree_.remove(node);
}

void told_tree::rename(tree_node& node, tree_node& directory, std::string_view name, target was,
  const file_facts& lost) {
  const auto from = tree_.path_of(node);
  tree_.move(node, directory, name);
  if (node.is_silent())
    tell_renames_below(from, node);
  else
    tell_rename(from, node, was == target::overwritten ? &lost : nullptr);
}

/// Nobody was told of the directory, so what lies in it moves by itself.
void told_tree::tell_renames_below(const std::string& from, tree_node& directory) {
  auto to_tell = std::vector<std::pair<std::string, tree_node*>>{{from, &directory}};
  while (!to_tell.empty()) { // no recursion: a tree may be very deep
    const auto [before, at] = std::move(to_tell.back());
    to_tell.pop_back();
    for (auto* child = at->first_child(); child != nullptr; child = child->next_sibling()) {
      auto path = before + "/" + std::string{child->name()};
      if (child->is_silent())
        to_tell.emplace_back(std::move(path), child);
      else
        tell_rename(path, *child, nullptr);
    }
  }
}

void told_tree::tell_rename(
  const std::string& from, const tree_node& node, const file_facts* replaced) {
  if (is_mute())
    return;
  scratch_.clear();
  tree_.append_path(node, scratch_);
  auto what = event{};
  what.type = event_type::rename;
  what.ftype = node.ftype();
  what.path = scratch_;
  what.from = from;
  identify(what, node, replaced);
  what.time = now_;
  news_.add(what);
  ++changes_;
}

void told_tree::watch_only(std::string name) {
  const auto& path = tree_.root_path();
  tree_.set_root_path(
    path.size() == name.size() + 1 ? "/" : path.substr(0, path.size() - name.size() - 1));
  only_name_ = std::move(name);
}

std::string told_tree::root_path() const {
  if (only_name_.empty())
    return tree_.root_path();
  return (tree_.root_path() == "/" ? "" : tree_.root_path()) + "/" + only_name_;
}

void told_tree::mark(event marker) {
  const auto root = root_path();
  if (marker.path.empty())
    marker.path = root;
  marker.time = now_;
  news_.add(marker);
}

void told_tree::tell_overflow(time_point now) {
  if (is_mute() || overflow_)
    return;
  overflow_ = overflow{now, changes_};
  mark({.type = event_type::overflow});
}

void told_tree::tell_baseline(time_point now) {
  baseline_due_ = false;
  overflow_ = overflow{now, changes_};
  mark({.type = event_type::overflow, .baseline = true});
}

void told_tree::tell_recovered(time_point now) {
  if (!overflow_)
    return;
  auto marker = event{.type = event_type::recovered};
  marker.changes = changes_ - overflow_->changes_before;
  marker.took = std::chrono::duration_cast<std::chrono::milliseconds>(now - overflow_->since);
  overflow_.reset();
  mark(marker);
}

void told_tree::tell_root_lost(std::string_view reason) {
  if (root_lost_)
    return;
  while (auto* child = tree_.root().first_child())
    remove(*child);
  root_lost_ = true;
  mark({.type = event_type::root_lost, .text = reason});
}

void told_tree::tell_root_back() {
  root_lost_ = false;
  mark({.type = event_type::root_back});
}

void told_tree::tell_ready(std::string_view backend, std::chrono::milliseconds took) {
  if (!silent_)
    return;
  silent_ = false;
  doubts_ = false;
  common_->told_ready = true;
  auto marker = event{.type = event_type::ready, .text = backend};
  marker.directories = only_name_.empty() ? tree_.directories() : 0;
  marker.files = tree_.files();
  marker.took = took;
  mark(marker);
}

const event_batch& told_tree::next_batch() {
  if (!waiting_.empty())
    return waiting_;
  waiting_ = news_.finish();
  if (source_ && !waiting_.empty()) {
    last_number_ = ++common_->numbers;
    waiting_ = waiting_.marked(batch_marks{{*source_, last_number_}});
  }
  return waiting_;
}

// -- what is remembered from before ---------------------------------------------------------------

void told_tree::remember() {
  remembers_ = true;
  common_->remembers = true;
}

void told_tree::forget() {
  remember();
  baseline_due_ = true;
}

tree_node* told_tree::at(std::string_view path) {
  const auto& root = tree_.root_path();
  if (!path.starts_with(root))
    return nullptr;
  path.remove_prefix(root.size());
  auto* node = &tree_.root();
  while (node != nullptr && !path.empty()) {
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    const auto name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size());
    node = node->is_directory() ? tree_.child(*node, name) : nullptr;
  }
  return node;
}

void told_tree::doubt(const std::string& path, event_type what, file_type ftype) {
  doubts_ = true;
  auto* node = at(path);
  if (node == &tree_.root())
    return; // nothing is told of it but its end
  const auto is_in_place = what == event_type::modify || what == event_type::attrib;
  if (node != nullptr && is_in_place) {
    auto facts = node->facts();
    facts.modified = std::numeric_limits<std::int64_t>::min(); // what it is now differs from this
    facts.attributes.mode = std::numeric_limits<std::uint32_t>::max();
    tree_.update(*node, facts);
    return;
  }
  // The reader may have it, and may not; what is below it too. What is there will be told anew.
  if (node != nullptr) {
    remove(*node);
  } else {
    news_.add({.type = event_type::remove, .ftype = ftype, .path = path, .time = now_});
    ++changes_;
  }
}

void told_tree::distrust_identities() {
  auto all = std::vector<tree_node*>{&tree_.root()};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (auto* child = all[i]->first_child(); child != nullptr; child = child->next_sibling()) {
      child->seen = tree_node::never_seen;
      if (child->is_directory())
        all.push_back(child);
    }
}

bool told_tree::adopt(tree_node& node, const file_facts& facts) {
  if (node.seen != tree_node::never_seen || node.identity() == facts.identity)
    return false; // the same: a look that did not ask which file it is
  node.seen = 0;
  const auto is_same =
    node.ftype() == facts.ftype
    && (node.is_directory() || (node.size() == facts.size && node.modified() == facts.modified));
  if (is_same)
    compare(node, facts, false, false);
  return is_same;
}

void told_tree::tell(event_type type, const tree_node& node, const file_facts* replaced) {
  if (node.is_silent())
    return;
  const auto initial = is_mute() && tell_initial_ && type == event_type::create;
  if (is_mute() && !initial)
    return;
  scratch_.clear();
  tree_.append_path(node, scratch_);
  auto what = event{};
  what.type = type;
  what.ftype = node.ftype();
  what.path = scratch_;
  what.size = type == event_type::remove ? 0 : node.size();
  if (!doubts_)
    identify(what, node, replaced);
  what.initial = initial;
  what.time = now_;
  news_.add(what);
  ++changes_;
}

} // namespace actors
