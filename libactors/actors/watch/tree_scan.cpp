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
  const auto wanted = depth_ == depth::everything || number == told_.tree().root().number();
  if (wanted && queued_.insert(number).second)
    queue_.push_back(number);
}

void tree_scan::step(std::size_t names_max, hint_set& put_off, time_point now) {
  for (auto budget = names_max; budget > 0 && (current_ || open_next());)
    read_names(budget, put_off, now);
  if (is_done() && !has_put_off())
    whole_ = false;
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
    if (path_tree::is_lost(*node)) {
      put_off_.insert(number); // on its way elsewhere, or gone
      continue;
    }
    auto where = directories_.open(*node);
    if (!where && where.error().code != errc::permission_denied) {
      put_off_.insert(number);
      continue;
    }
    if (!where) {
      missed_.insert(number);
      findings_.push_back({number, where.error().code, where.error().text});
      continue;
    }
    const auto watched = watches_.add(*node, **where);
    if (!watched)
      findings_.push_back({number, watched.error().code, watched.error().text});
    auto names = name_reader::open(**where);
    if (!names) {
      missed_.insert(number);
      findings_.push_back({number, names.error().code, names.error().text});
      continue;
    }
    if (!(*where)->is_enterable()) {
      missed_.insert(number);
      findings_.push_back({number, errc::permission_denied, "entering: Permission denied"});
      continue;
    }
    if (watched)
      findings_.push_back({number, {}, {}});
    ++stamp_;
    current_.emplace(reading{number, std::move(*names)});
    return true;
  }
  return false;
}

void tree_scan::read_names(std::size_t& budget, hint_set& put_off, time_point now) {
  auto* node = told_.tree().directory(current_->directory);
  if (node == nullptr || path_tree::is_lost(*node)) {
    if (node != nullptr)
      put_off_.insert(node->number()); // watched already, so nobody else asks for the rest of it
    current_.reset();
    return;
  }
  while (budget > 0) {
    --budget;
    const auto* name = current_->names.next();
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
  for (auto* child = node.first_child(); child != nullptr; child = child->next_sibling())
    if (child->seen != stamp_ && !child->is_ghost())
      unseen.emplace_back(child->name());
  for (const auto& name : unseen)
    look(node, name.c_str(), put_off, now);
  const auto had_missed = missed_.erase(node.number()) != 0;
  for (auto* child = node.first_child(); child != nullptr; child = child->next_sibling())
    if (child->is_directory() && !child->is_ghost() && had_missed) {
      missed_.insert(child->number()); // nor could what is below it be looked at
      add(child->number());
    } else if (child->is_directory() && child->is_ghost() && whole_)
      put_off_.insert(child->number()); // it may turn up where all has been read
    else if (child->is_directory() && !child->is_ghost() && (whole_ || child->watch() < 0))
      add(child->number());
}

void tree_scan::look(tree_node& node, const char* name, hint_set& put_off, time_point now) {
  auto where = directories_.open(node);
  const auto verdict = where ? reconcile_.look(node, **where, name, {}, look_reason::scan, now)
                             : reconciler::verdict::put_off;
  if (verdict == reconciler::verdict::put_off
      && !put_off.put_back(hint{.directory = node.number(), .name = name}.put_off()))
    start_over();
}

} // namespace actors
