#include "actors/watch/coverage.hpp"

#include <algorithm>

namespace actors {

void coverage::works_with(std::string_view backend, const std::string& why) {
  backend_ = std::string{backend} + (why.empty() ? "" : " (" + why + ")");
  ctx_.log(log_level::info, "backend_chosen",
    {{"root", told_.tree().root_path()}, {"backend", std::string{backend}}, {"why", why}});
  show();
}

coverage::directories& coverage::kind_of(errc code) {
  if (code == errc::permission_denied)
    return denied_;
  return code == errc::full ? beyond_ : polled_;
}

bool coverage::forget(std::uint64_t directory) {
  return polled_.erase(directory) + denied_.erase(directory) != 0;
}

void coverage::note(const std::vector<tree_scan::finding>& findings, time_point now) {
  auto changed = false;
  for (const auto& [number, code, text] : findings) {
    auto* node = told_.tree().directory(number);
    if (node == nullptr)
      continue;
    if (code == errc{}) {
      changed |= forget(number);
      continue;
    }
    auto& kind = kind_of(code);
    if (!kind.insert(number).second)
      continue;
    if (&kind != &denied_ && !due_ && !pass_since_)
      due_ = now + poll_interval_;
    quiet_ |= text.empty();
    if (&kind == &beyond_)
      full_size_ = told_.tree().size();
    if (!text.empty())
      tell(*node, kind, text);
    changed |= !text.empty();
  }
  if (changed)
    show();
}

void coverage::root_lost(std::string_view why) {
  root_lost_ = why;
  for (auto* kind : {&polled_, &denied_, &beyond_}) // the root's number stays, its trouble need not
    kind->clear();
  due_.reset();
  pass_since_.reset();
  show();
}

void coverage::root_found() {
  root_lost_.clear();
  show();
}

std::vector<std::uint64_t> coverage::take_due(time_point now) {
  if (!due_ || now < *due_)
    return {};
  due_.reset();
  show(); // some may have been deleted
  if (polled_.empty() && beyond_.empty())
    return {};
  pass_since_ = now;
  auto all = std::vector<std::uint64_t>{polled_.begin(), polled_.end()};
  if (told_.tree().size() < full_size_) { // there is room again
    all.insert(all.end(), beyond_.begin(), beyond_.end());
    beyond_.clear();
  }
  std::sort(all.begin(), all.end()); // a directory before those that are in it, mostly
  return all;
}

void coverage::end_pass(time_point now, next_pass when) {
  if (!pass_since_)
    return;
  const auto took = now - *pass_since_;
  looked_since_ = *pass_since_;
  pass_since_.reset();
  const auto in_turn = std::max<time_point::duration>(poll_interval_, took * pause_for_pass);
  due_ = now + (when == next_pass::soon ? std::min<time_point::duration>(in_turn, took) : in_turn);
}

/// Once a subtree: not when the directory above has the same trouble.
void coverage::tell(const tree_node& node, const directories& kind, const std::string& why) {
  const auto path = told_.tree().path_of(node);
  latest_ = path + ": " + why;
  if (node.parent() != nullptr && kind.contains(node.parent()->number()))
    return;
  if (kind.size() > told_max)
    return;
  const auto text =
    kind.size() < told_max ? why : why + "; more like it are not named, only counted";
  ctx_.log(log_level::warning, "watch_degraded", {{"path", path}, {"reason", text}});
  told_.mark({.type = event_type::degraded, .path = path, .text = text});
}

void coverage::show() {
  forget_the_gone();
  const auto polled = quiet_ ? 0 : polled_.size();
  const auto live = told_.tree().directories() - polled_.size() - denied_.size() - beyond_.size();
  ctx_.note(root_lost_.empty() ? backend_ : "");
  if (!root_lost_.empty())
    return ctx_.degraded("root lost: " + root_lost_);
  if (polled == 0 && denied_.empty() && beyond_.empty())
    return ctx_.recovered();
  ctx_.degraded("directories: " + std::to_string(live) + " live, " + std::to_string(polled)
                + " polled for want of a watch, " + std::to_string(denied_.size()) + " denied, "
                + std::to_string(beyond_.size()) + " beyond entries_max; latest: " + latest_);
}

void coverage::forget_the_gone() {
  const auto is_gone = [this](auto number) { return told_.tree().directory(number) == nullptr; };
  for (auto* kind : {&polled_, &denied_, &beyond_})
    std::erase_if(*kind, is_gone);
}

} // namespace actors
