#include "actors/watch/tree_scan.hpp"

#include <cerrno>
#include <system_error>

namespace actors {

void tree_scan::start_over() {
  whole_ = true;
  current_.reset();
  queue_.clear();
  queued_.clear();
  put_off_.clear();
  missed_.clear();
  add(told_.tree().root().number());
}

void tree_scan::add(std::uint64_t number) {
  auto* node = told_.tree().directory(number);
  if (node == nullptr)
    return;
  if (filter_.may_enter(*node)) {
    if (queued_.insert(number).second)
      queue_.push_back(number);
    return;
  }
  while (node->first_child() != nullptr) // it moved too deep
    told_.remove(*node->first_child());
  watches_.remove(*node);
}

void tree_scan::add_deep(std::uint64_t number) {
  missed_.insert(number);
  add(number);
}

std::size_t tree_scan::step(std::size_t names_max, hint_set& put_off, time_point now) {
  auto budget = names_max;
  while (budget > 0 && (current_ || open_next()))
    read_names(budget, put_off, now);
  if (is_done() && !has_put_off())
    whole_ = false;
  return names_max - budget;
}

std::size_t tree_scan::retry_put_off() {
  const auto before = std::exchange(put_off_, {});
  for (const auto number : before) {
    const auto* node = told_.tree().directory(number);
    if (node != nullptr && path_tree::is_lost(*node))
      put_off_.insert(number);
    else
      add(number);
  }
  return before.size() - put_off_.size();
}

/// Opens the next directory of the queue and watches it. False when the queue is empty.
bool tree_scan::open_next() {
  while (!queue_.empty()) {
    const auto number = queue_.front();
    queue_.pop_front();
    queued_.erase(number);
    auto* node = told_.tree().directory(number);
    if (node == nullptr)
      continue;
    if (path_tree::is_lost(*node))
      put_off_.insert(number); // on its way elsewhere, or gone
    else if (open_to_read(*node))
      return true;
  }
  return false;
}

bool tree_scan::open_to_read(tree_node& node) {
  const auto number = node.number();
  auto where = directories_.open_alone(node);
  if (!where && where.error().code != errc::permission_denied) {
    put_off_.insert(number);
    return false;
  }
  if (!where) {
    miss(number, where.error());
    return false;
  }
  if (!may_enter(node, *where))
    return false;
  const auto watched = watches_.add(node, *where);
  if (!watched)
    findings_.push_back({number, watched.error().code, watched.error().text});
  auto names = name_reader::open(*where);
  if (!names) {
    miss(number, names.error());
    return false;
  }
  if (!where->is_enterable()) {
    miss(number, {errc::permission_denied, "entering: Permission denied"});
    return false;
  }
  if (watched)
    findings_.push_back({number, {}, {}});
  if (filter_.take_rules(node, *where))
    missed_.insert(number);
  ++stamp_;
  current_.emplace(reading{number, std::move(*where), std::move(*names)});
  return true;
}

/// Neither across the boundary, nor into a directory that holds itself (a bind mount may do so).
bool tree_scan::may_enter(const tree_node& node, const directory& where) const {
  if (boundary_ == boundary::file_system && node.parent() != nullptr) {
    const auto root = directories_.open(told_.tree().root());
    if (root && (*root)->device() != where.device())
      return false;
  }
  for (const auto* above = node.parent(); above != nullptr; above = above->parent())
    if (above->identity() == node.identity())
      return false;
  return true;
}

/// What changed below the directory could not be looked at.
void tree_scan::miss(std::uint64_t directory, error why) {
  missed_.insert(directory);
  findings_.push_back({directory, why.code, std::move(why.text)});
}

void tree_scan::read_names(std::size_t& budget, hint_set& put_off, time_point now) {
  auto* node = told_.tree().directory(current_->number);
  if (node == nullptr || path_tree::is_lost(*node)) {
    if (node != nullptr)
      put_off_.insert(node->number()); // watched already, so nobody else asks for the rest of it
    current_.reset();
    return;
  }
  const auto& only = told_.only_name();
  while (budget > 0) {
    --budget;
    const auto* name = only.empty() ? current_->names.next() : nullptr;
    if (name == nullptr) {
      if (const auto number = current_->names.failed_with(); number != 0)
        findings_.push_back(
          {node->number(), errc::system, std::generic_category().message(number)});
      else
        finish(*node, put_off, now);
      current_.reset();
      return;
    }
    look(*node, name, put_off, now);
    if (!current_) // everything is started over
      return;
    if (auto* child = told_.tree().child(*node, name))
      child->seen = stamp_;
  }
}

/// The list is at its end: what it did not show may be gone.
void tree_scan::finish(tree_node& node, hint_set& put_off, time_point now) {
  auto unseen = std::vector<std::string>{};
  if (const auto& only = told_.only_name(); !only.empty())
    unseen.push_back(only);
  for (auto* child = node.first_child(); child != nullptr; child = child->next_sibling())
    if (child->seen != stamp_ && !child->is_ghost() && told_.only_name().empty())
      unseen.emplace_back(child->name());
  for (const auto& name : unseen) {
    look(node, name.c_str(), put_off, now);
    if (!current_) // everything is started over
      return;
  }
  add_children(node);
}

void tree_scan::add_children(tree_node& node) {
  const auto had_missed = missed_.erase(node.number()) != 0;
  for (auto* child = node.first_child(); child != nullptr; child = child->next_sibling()) {
    if (!child->is_directory())
      continue;
    if (child->is_ghost()) {
      if (whole_)
        put_off_.insert(child->number()); // it may turn up where all has been read
    } else if (had_missed) {
      add_deep(child->number()); // nor could what is below it be looked at
    } else if (whole_ || child->watch() < 0) {
      add(child->number());
    }
  }
}

void tree_scan::look(tree_node& node, const char* name, hint_set& put_off, time_point now) {
  const auto verdict = reconcile_.look(node, current_->where, name, {}, look_reason::scan, now);
  if (verdict == reconciler::verdict::no_room)
    findings_.push_back({node.number(), errc::full, "the model holds entries_max entries"});
  else if (verdict == reconciler::verdict::put_off
           && !put_off.put_back(hint{.directory = node.number(), .name = name}.put_off()))
    start_over();
}

} // namespace actors
