#include "actors/watch/trouble.hpp"

namespace actors {

void trouble::note(const std::vector<tree_scan::finding>& findings, time_point now) {
  auto changed = false;
  for (const auto& [number, code, text] : findings) {
    auto* node = told_.tree().directory(number);
    if (node == nullptr)
      continue;
    if (text.empty()) {
      changed |= polled_.erase(number) + denied_.erase(number) != 0;
      continue;
    }
    auto& kind = code == errc::permission_denied ? denied_ : polled_;
    if (!kind.insert(number).second)
      continue;
    if (&kind == &polled_ && polled_.size() == 1)
      due_ = now + poll_interval_;
    tell(*node, text);
    changed = true;
  }
  if (changed)
    show();
}

void trouble::root_lost(std::string_view why) {
  root_lost_ = why;
  show();
}

void trouble::root_found() {
  root_lost_.clear();
  show();
}

std::vector<std::uint64_t> trouble::take_due(time_point now) {
  if (polled_.empty() || now < due_)
    return {};
  due_ = now + poll_interval_;
  show(); // some may have been deleted
  return {polled_.begin(), polled_.end()};
}

void trouble::tell(const tree_node& node, const std::string& why) {
  const auto path = told_.tree().path_of(node);
  latest_ = path + ": " + why;
  ctx_.log(log_level::warning, "watch_degraded", {{"path", path}, {"reason", why}});
  told_.mark({.type = event_type::degraded, .path = path, .text = why});
}

void trouble::show() {
  forget_the_gone();
  if (!root_lost_.empty())
    return ctx_.degraded("root lost: " + root_lost_);
  if (polled_.empty() && denied_.empty())
    return ctx_.recovered();
  ctx_.degraded(std::to_string(denied_.size()) + " directories denied, "
                + std::to_string(polled_.size())
                + " polled for want of a watch; latest: " + latest_);
}

void trouble::forget_the_gone() {
  const auto is_gone = [this](auto number) { return told_.tree().directory(number) == nullptr; };
  std::erase_if(polled_, is_gone);
  std::erase_if(denied_, is_gone);
}

} // namespace actors
